package weir.testing.house.extra;

/** In a package nobody planned. */
public final class Unknown {}
