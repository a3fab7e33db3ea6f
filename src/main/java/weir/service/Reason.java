package weir.service;

/** What may stand against a backend; its state is the conjunction of all. Immutable. */
public enum Reason {
    /** The active health check says down. */
    HEALTH("unhealthy"),
    /** Consul says critical, or in maintenance. */
    CONSUL("consul"),
    /** Ejected after failures of real requests. */
    EJECTED("ejected"),
    /** An operator takes it out softly. */
    DRAINED("drained"),
    /** An operator took it out at once. */
    DISABLED("disabled");

    private final String text;

    Reason(String text) {
        this.text = text;
    }

    /** The word of the admin API, the log and metrics. */
    public String text() {
        return text;
    }
}
