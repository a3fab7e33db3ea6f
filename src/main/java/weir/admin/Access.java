package weir.admin;

/** How much an operation needs protection. Immutable. */
enum Access {
    /** Health and metrics: read by orchestrators and scrapers under any name. */
    OPEN,
    /** Shows the inside of the process. */
    READ,
    /** Changes the process. */
    CHANGE
}
