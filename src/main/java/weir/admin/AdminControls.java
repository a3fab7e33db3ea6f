package weir.admin;

import java.util.concurrent.Executor;

/**
 * What the admin API changes. Immutable.
 *
 * @param executor the control thread, on which every change runs
 */
public record AdminControls(BackendControl backends, Reloader reloader, LogLevels logLevels, Executor executor) {}
