package weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Keeps one service registered: tries until the agent is there, and again when the agent forgot it, as one that was
 * restarted does. One thread of its own; {@link #close} may be called from any.
 */
final class ConsulRegistration implements AutoCloseable {
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(250);
    private static final long CLOSE_MILLIS = 3_000;

    private final ConsulAgent agent;
    private final ConsulService service;
    private final Duration interval;
    private final Consumer<String> log;
    private final Thread thread;
    private volatile boolean closed;

    private ConsulRegistration(ConsulAgent agent, ConsulService service, Duration interval, Consumer<String> log) {
        this.agent = agent;
        this.service = service;
        this.interval = interval;
        this.log = log;
        this.thread = new Thread(this::run, "consul-" + service.id());
        thread.setDaemon(true);
    }

    /**
     * Starts to register.
     *
     * @param interval how often the agent is asked whether it still knows the service; also the longest back-off
     */
    static ConsulRegistration start(ConsulAgent agent, ConsulService service, Duration interval, Consumer<String> log) {
        ConsulRegistration registration = new ConsulRegistration(agent, service, interval, log);
        registration.thread.start();
        return registration;
    }

    /** Deregisters, waiting a few seconds at most. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_MILLIS);
            agent.deregister(service.id());
        } catch (IOException unreachable) {
            log.accept(service.id() + ": not deregistered from Consul: " + unreachable);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration backOff = FIRST_BACK_OFF;
        boolean registered = false;
        boolean failing = false;
        try {
            while (!closed) {
                Duration pause = interval;
                try {
                    // The first time always: the agent may know an earlier process of this id, on another port.
                    if (!registered || !agent.knows(service.id())) {
                        agent.register(service, registered);
                        registered = true;
                        log.accept(service.id() + ": registered in Consul as " + service.name());
                    }
                    failing = false;
                    backOff = FIRST_BACK_OFF;
                } catch (IOException failed) {
                    if (!failing) {
                        log.accept(service.id() + ": Consul does not take the registration, trying on: " + failed);
                    }
                    failing = true;
                    pause = backOff;
                    backOff = shorter(backOff.multipliedBy(2), interval);
                }
                Thread.sleep(pause.toMillis());
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
