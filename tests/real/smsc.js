// A mobile operator's message centre (SMPP 3.4) on loopback: node smsc.js PORT
//
// Takes every message, tells each on standard output as a line of JSON, and sends a delivery receipt a moment later, by
// the last digit of the number: 7 is refused at once, 8 cannot be delivered, 9 expires, any other arrives.
'use strict';

const smpp = require('smpp');

const STATES = {
  8: { word: 'UNDELIV', state: 5, error: '001' },
  9: { word: 'EXPIRED', state: 3, error: '002' },
};
const ARRIVES = { word: 'DELIVRD', state: 2, error: '000' };
const A_RECEIPT = 4; // in esm_class
const WANTS_RECEIPT = 3; // the bits of registered_delivery that ask for one
const MOMENT = 100; // milliseconds

let taken = 0;

function stampOf(date) {
  return date.toISOString().replace(/\D/g, '').slice(2, 12);
}

function receiptOf(pdu, id, { word, state, error }) {
  const now = stampOf(new Date());
  const arrived = word === 'DELIVRD' ? '001' : '000';
  return {
    source_addr: pdu.destination_addr,
    source_addr_ton: pdu.dest_addr_ton,
    source_addr_npi: pdu.dest_addr_npi,
    destination_addr: pdu.source_addr,
    destination_addr_ton: pdu.source_addr_ton,
    destination_addr_npi: pdu.source_addr_npi,
    esm_class: A_RECEIPT,
    short_message: `id:${id} sub:001 dlvrd:${arrived} submit date:${now} done date:${now} stat:${word} err:${error} text:`,
    receipted_message_id: id,
    message_state: state,
  };
}

function take(session, pdu) {
  const digit = pdu.destination_addr.slice(-1);
  if (digit === '7') {
    session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    return;
  }
  taken += 1;
  const id = `smsc-${taken}`;
  const { message } = pdu.short_message;
  const text = Buffer.isBuffer(message) ? message.toString('latin1') : message;
  const told = { id, to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding, text };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  session.send(pdu.response({ message_id: id }));
  if (pdu.registered_delivery & WANTS_RECEIPT) {
    setTimeout(() => session.deliver_sm(receiptOf(pdu, id, STATES[digit] || ARRIVES)), MOMENT);
  }
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => session.send(pdu.response({ system_id: 'smsc' })));
  session.on('submit_sm', (pdu) => take(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('error', () => {});
});

server.listen(Number(process.argv[2]), '127.0.0.1');
