"""Mail servers, gateways, bounces."""
