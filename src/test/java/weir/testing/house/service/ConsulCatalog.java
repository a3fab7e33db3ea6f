package weir.testing.house.service;

/** Consul where it does not belong. */
public final class ConsulCatalog {
    void print() {
        System.out.println(this);
    }
}
