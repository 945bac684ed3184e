"""Settings, database, services and DNS checked one by one, without sending anything to a patient."""
