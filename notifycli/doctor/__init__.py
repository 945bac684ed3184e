"""Settings, database and services checked one by one, without sending anything to a patient."""
