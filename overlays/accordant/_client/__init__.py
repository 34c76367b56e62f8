"""What a user holds: the client classes, raw access, undocumented endpoints, pages and waiting."""
