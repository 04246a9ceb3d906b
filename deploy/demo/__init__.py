"""Real cases driven through the gateway, as users would: enterprises, officers of county, city and province."""
