"""What tests share: clinics, servers, cases."""
