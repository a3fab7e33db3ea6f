package weir.service;

/**
 * Learns of changes to services: discoveries and health checks. Called on the thread that made the change, without any
 * lock held.
 */
public interface ServiceListener {
    /** The service is new, its settings changed, or backends joined or left. */
    void changed(Service service);

    /** The service is no longer configured. */
    void removed(Service service);
}
