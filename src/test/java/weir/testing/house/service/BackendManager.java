package weir.testing.house.service;

import weir.testing.house.config.Limits;

/** Its name says nothing. */
public record BackendManager(Limits limits) {}
