"""What the fuzzer begins with: small files of every format, of our own making, with invented people."""

import json
from typing import Any

from tests.fuzz.packing import GZIPPED, as_plain

PATIENTS = "clinic_id;patient_id;given_name;email;mobile;consent\nnidelv;P1;Kari;kari@post.example;91000001;ja\n"
APPOINTMENTS = (
    "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at\n"
    "nidelv;A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T11:50\n"
    'nidelv;A2;P2;KONS;18.06.2026 10:30;"avlyst";\n'
)
NORWEGIAN = (
    "sep=,\r\nKlinikk,Timenr,Pasientnr,Dato,Klokkeslett,Status,Sted\r\nnidelv,A3,P1,25.10.2026,02:30,møtt,Rom 1\r\n"
)
CSV = [
    PATIENTS.encode(),
    APPOINTMENTS.encode(),
    NORWEGIAN.encode("utf-8-sig"),
    NORWEGIAN.encode("cp1252"),
    NORWEGIAN.encode("utf-16"),
    b'clinic_id|name|timezone\rnidelv|"Nidelv ""legesenter""\r\nNord"|Europe/Oslo\r',
    b"clinic_id\tdialog_id\tpatient_id\tkind\tsent_at\nnidelv\tD1\tP1\tresept\t\n\n\t\t\t\t\nnidelv\tD2\tP1\n",
]


def lines(*objects: Any) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in objects).encode()


PATIENT = {"clinic_id": "nidelv", "patient_id": "P1", "given_name": "Kåre", "email": None, "mobile": 91000001}
NDJSON = [
    lines(
        PATIENT | {"consent": True}, {"clinic_id": "nidelv", "patient_id": "P2", "consent": 0, "more": [1, {"a": 2}]}
    ),
    b'{"clinic_id":"nidelv","receipt_id":1e3,"patient_id":"0815","status":"betalt","paid_at":"2026-06-01T10:00:00Z"}\n'
    b'{}\r\n\n{"clinic_id":"nidelv","receipt_id":-1.50,"patient_id":"\\u00e5\\ud83d\\ude00","status":"unpaid"}',
]

FHIR_PATIENT = {
    "resourceType": "Patient",
    "id": "P1",
    "meta": {"lastUpdated": "2026-06-01T10:00:00.123+02:00"},
    "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "13116900216", "use": "official"}],
    "name": [
        {"use": "old", "family": "Lie"},
        {"family": "Lunde", "given": ["Kari", None], "period": {"start": "2020"}},
    ],
    "telecom": [
        {"system": "phone", "value": "tel:+4791000001", "use": "home", "rank": 1},
        {"system": "email", "value": "kari@post.example", "period": {"end": "2030-01"}},
    ],
    "communication": [{"language": {"coding": [{"code": "nn"}]}, "preferred": True}],
    "managingOrganization": {"reference": "Organization/nidelv"},
    "deceasedBoolean": False,
}
FHIR_APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "A1",
    "meta": {
        "lastUpdated": "2026-06-02T10:00:00Z",
        "tag": [{"system": "http://helsenorge.no/fhir/varsling", "code": "1"}],
    },
    "contained": [{"resourceType": "Location", "id": "l", "name": "Rom 1"}],
    "status": "booked",
    "appointmentType": {"coding": [{"system": "x", "code": "KONS"}]},
    "serviceType": [{"coding": [{"code": "LEGE"}]}],
    "cancelationReason": {"coding": [{"code": "pat"}]},
    "start": "2026-06-18T10:00:00+02:00",
    "end": "2026-06-18T10:20:00+02:00",
    "created": "2026-05-01",
    "participant": [
        {"actor": {"reference": "Patient/P1"}, "status": "accepted"},
        {"actor": {"reference": "#l"}},
        {
            "actor": {
                "type": "Patient",
                "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "13116900216"},
            }
        },
    ],
    "supportingInformation": [{"reference": "Organization?identifier=urn:oid:2.16.578.1.12.4.1.4.101|999999999"}],
}
FHIR_CLINIC = {"resourceType": "Organization", "id": "nidelv", "name": "Nidelv", "address": [{"line": ["Gata 1"]}]}
FHIR_PLACE = {
    "resourceType": "Location",
    "id": "L1",
    "name": "Rom 1",
    "managingOrganization": {"reference": "Organization/nidelv"},
    "partOf": {"reference": "Location/L1"},
}
FHIR_CONSENT = {
    "resourceType": "Consent",
    "status": "active",
    "scope": {"coding": [{"code": "patient-privacy"}]},
    "category": [{"coding": [{"code": "varsel"}]}],
    "patient": {"reference": "urn:uuid:AB"},
    "dateTime": "2026-05",
    "provision": {"type": "permit", "period": {"end": "2027"}},
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "history",
    "entry": [
        {"fullUrl": "urn:uuid:ab", "resource": FHIR_PATIENT},
        {"resource": FHIR_APPOINTMENT, "response": {"lastModified": "2026-06-02"}},
        {"request": {"method": "DELETE", "url": "Appointment/A1/_history/2"}},
        {"resource": {"resourceType": "Bundle", "entry": [{"resource": FHIR_CLINIC}, {"resource": FHIR_PLACE}]}},
        {"resource": FHIR_CONSENT},
    ],
}
FHIR = [
    lines(FHIR_PATIENT),
    json.dumps(BUNDLE, indent=1).encode(),
    lines(FHIR_CLINIC, FHIR_PLACE, FHIR_PATIENT, FHIR_APPOINTMENT, FHIR_CONSENT),
]

BOOKED = (
    "MSH|^~\\&|EPJ|nidelv|||20260601120000+0200||SIU^S12^SIU_S12|M1|P|2.5\r"
    "SCH|B1|A1||||PAT^Pasient||KONS^Konsultasjon|30|min|^^^20260618100000+0200^20260618103000+0200|||||||||||||Booked\r"
    "TQ1|1||||||20260618100000+0200\r"
    "PID|1||13116900216^^^^NNNO~P1^^^nidelv^PI||Lunde^Kari^^^^^L~Lie^^^^^^M||||||||91000001^PRN^CP^kari@post.example\\T\\x"
    '~^NET^Internet^kari@post.example|""||nb\r'
    "PV1|1||VENT^2^^Nidelv\r"
    "AIS|1|A|KONS|20260618100000|||20|min\r"
    "AIL|1|D|VENT^2^^Nidelv^^^^^Rom 1\r"
)
HL7 = [
    BOOKED.encode(),
    f"FHS|^~\\&\rBHS|^~\\&\r{BOOKED}{BOOKED.replace('S12', 'S15').replace('M1', 'M2')}BTS|2\rFTS|1\r".encode(),
    b"\x0b" + BOOKED.replace("\r", "\r\n").replace("é", "\\XC3A9\\").encode() + b"\x1c\r",
    b"MSH#*~\\&#EPJ#vik###20260601##SIU*S26\nSCH#\\.br\\#\\E\\A\\X30\\\nPID###P9\n",
]

SHEET = b"""<?xml version="1.0"?><worksheet
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>Timeliste</t></is></c></row>
<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="s"><v>2</v></c></row>
<row r="4"><c r="A4"><v>1.5</v></c><c r="B4" s="1"><v>46191.4166667</v></c><c r="C4" t="b"><v>1</v></c></row>
<row r="5"><c r="A5" t="e"><v>#N/A</v></c><c r="B5" t="d"><v>2026-06-18T10:00:00</v></c>
 <c r="C5" t="str"><v>x</v></c></row>
</sheetData></worksheet>"""
STRINGS = b"<sst><si><t>Timenr</t></si><si><r><t>Da</t></r><r><t>to</t></r></si><si><t>Klokkeslett</t></si></sst>"
STYLES = (
    b'<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd.mm.yyyy hh:mm"/></numFmts>'
    b'<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)
BOOK = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="0"/>'
    b'<sheets><sheet name="Timer" sheetId="1" r:id="r1"/><sheet name="B" state="hidden" r:id="r1"/></sheets></workbook>'
)
LINKS = (
    b'<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/worksheet"/></Relationships>'
)
XLSX = {
    "[Content_Types].xml": b"<Types/>",
    "_rels/.rels": b'<Relationships><Relationship Id="r1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/worksheets/sheet1.xml": SHEET,
    "xl/workbook.xml": BOOK,
    "xl/_rels/workbook.xml.rels": LINKS,
    "xl/sharedStrings.xml": STRINGS,
    "xl/styles.xml": STYLES,
}
NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
).encode()
ODS = {
    "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
    "META-INF/manifest.xml": b"<manifest/>",
    "content.xml": b"<office:document-content "
    + NAMESPACES
    + b'><office:body><office:spreadsheet><table:table table:name="Timer">'
    b'<table:table-row><table:table-cell office:value-type="string"><text:p>Timenr</text:p></table:table-cell>'
    b'<table:table-cell office:value-type="string"><text:p>Dato</text:p></table:table-cell></table:table-row>'
    b'<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1"/>'
    b'<table:table-cell office:value-type="date" office:date-value="2026-06-18T10:00:00" '
    b'table:number-columns-repeated="2"/></table:table-row></table:table></office:spreadsheet></office:body>'
    b"</office:document-content>",
}
IN_A_ROW = "".join(
    f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>'
    for row, texts in (
        (1, ("Klinikk", "Timenr", "Pasientnr", "Status", "starts_at")),
        (2, ("nidelv", "A1", "P1", "booked")),
    )
    for column, text in zip("ABCDE", texts, strict=False)
).replace('<c r="A2"', '</row><row r="2"><c r="A2"')
TABLE = XLSX | {
    "xl/worksheets/sheet1.xml": SHEET[: SHEET.index(b"<row")]
    + f'<row r="1">{IN_A_ROW}<c r="E2" s="1"><v>46191.4166667</v></c></row></sheetData></worksheet>'.encode()
}
WORKBOOK = [as_plain(XLSX), as_plain(ODS), as_plain(TABLE)]

PACKED = [
    as_plain({"a/patients.csv": PATIENTS.encode(), "b/patients.csv": APPOINTMENTS.encode(), "b/": b""}),
    as_plain({"__MACOSX/x": b"x", "t.ndjson": NDJSON[0], "siu.hl7": HL7[0]}),
    GZIPPED + FHIR[2],
    GZIPPED + CSV[1],
]

SEEDS = {"csv": CSV, "ndjson": NDJSON, "fhir": FHIR, "hl7": HL7, "workbook": WORKBOOK, "packed": PACKED}
SEEDS["import"] = [one for of_format in SEEDS.values() for one in of_format]
