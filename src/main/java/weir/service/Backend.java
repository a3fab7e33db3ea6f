package weir.service;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * The live node of one endpoint: requests in flight, connections, health, ejection. It lives as long as discovery
 * reports its address, across reloads. Thread-safe.
 */
public final class Backend {
    /** The facts as discovery reported them last. */
    public Endpoint endpoint() {
        throw new UnsupportedOperationException();
    }

    /** The identity, {@code ip:port}. */
    public String address() {
        throw new UnsupportedOperationException();
    }

    /** Where to connect. */
    public InetSocketAddress socketAddress() {
        throw new UnsupportedOperationException();
    }

    /** A small number that no other live backend of the process has: an index for tables of each event loop. */
    public int number() {
        throw new UnsupportedOperationException();
    }

    /** Counts one request in unless that many are in flight; 0 means no limit. */
    public boolean tryAcquire(int limit) {
        throw new UnsupportedOperationException();
    }

    /** Counts one request out. */
    public void release() {
        throw new UnsupportedOperationException();
    }

    /** Requests in flight over all event loops. */
    public int inFlight() {
        throw new UnsupportedOperationException();
    }

    /** Counts one connection in unless that many are open; 0 means no limit. */
    public boolean tryConnect(int limit) {
        throw new UnsupportedOperationException();
    }

    /** Counts one connection out. */
    public void disconnected() {
        throw new UnsupportedOperationException();
    }

    /** Open connections over all event loops. */
    public int connections() {
        throw new UnsupportedOperationException();
    }

    /** Whether an operator took it out at once: its idle connections are closed. */
    public boolean disabled() {
        throw new UnsupportedOperationException();
    }

    /** Whether discovery or the configuration no longer names it: idle connections are closed, none is kept. */
    public boolean removed() {
        throw new UnsupportedOperationException();
    }

    /** Whether no reason stands against it and its weight is above 0. */
    public boolean available() {
        throw new UnsupportedOperationException();
    }

    /** Every reason that stands against it; empty when available. */
    public List<Unavailability> unavailabilities() {
        throw new UnsupportedOperationException();
    }

    /** Requests sent to it since it is known. */
    public long requests() {
        throw new UnsupportedOperationException();
    }

    /** Attempts on it that failed, statuses that count as errors included. */
    public long errors() {
        throw new UnsupportedOperationException();
    }

    /** Moving average of the time to the response head, in nanoseconds; 0 when unknown. */
    public long latencyNanos() {
        throw new UnsupportedOperationException();
    }
}
