package weir.health;

import java.net.InetSocketAddress;
import weir.config.ServiceConfig.HealthCheck;
import weir.connection.Destination;

/** Makes one health check of one address. Called on the loop of the health checks. */
public interface Probe {
    /**
     * Starts a check over a new connection. Exactly one method of {@code result} is called, on the same loop, after
     * this method has returned and within the check's timeout, unless it is cancelled before.
     *
     * @param address where to connect
     * @param host the Host field
     * @param to the backend, and what is spoken to it
     */
    Running start(InetSocketAddress address, String host, Destination to, HealthCheck settings, Result result);

    /** A check under way. */
    interface Running {
        /** Gives the check up: the result is not told any more. */
        void cancel();
    }

    /** Who waits for the result. */
    interface Result {
        /** All was as expected. */
        void passed();

        /** It was not; {@code why} is for people. */
        void failed(String why);

        /** Weir itself could not check, which says nothing of the backend; {@code why} is for people. */
        default void impossible(String why) {
            failed(why);
        }
    }
}
