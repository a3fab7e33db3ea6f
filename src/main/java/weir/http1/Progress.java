package weir.http1;

/** How far reading came. Immutable. */
enum Progress {
    /** More bytes are needed. */
    MORE,
    /** Body bytes are at hand. */
    DATA,
    /** What is read is complete. */
    DONE,
    /** It is refused. */
    FAILED
}
