package weir.demo;

import java.io.IOException;
import java.util.List;

/** Starts one demo backend: {@code hello} or {@code sum}; {@code call} asks a sum backend over gRPC. */
public final class Main {
    private static final String USAGE = """
            usage: java -jar demo-backends.jar hello --port PORT [options]
                   java -jar demo-backends.jar sum   --port PORT [--grpc-port PORT] [options]
                   java -jar demo-backends.jar call  HOST:PORT A B

              --port PORT            HTTP port, 0 for any free one
              --grpc-port PORT       gRPC port of sum, 0 for any free one (default: no gRPC)
              --name NAME            name of this instance, sent as x-backend (default: ROLE-PORT)
              --address ADDRESS      address to bind and to register (default: 127.0.0.1)
              --bind ADDRESS         address to bind when it differs from the registered one
              --consul URL           Consul agent to register in, for example http://127.0.0.1:8500
              --service NAME         service name in Consul (default: ROLE; the gRPC port as NAME-rpc)
              --tags TAG,TAG         tags in Consul
              --until-stdin-closes   exit when standard input ends, as it does when the parent process dies
            """;

    private Main() {}

    /** Runs until killed; exits 2 on wrong usage and 1 when it cannot start. */
    public static void main(String[] arguments) {
        // Connections outlive any proxy's idle pool, and small answers leave at once.
        setDefault("sun.net.httpserver.idleInterval", "75");
        setDefault("sun.net.httpserver.maxIdleConnections", "10000");
        setDefault("sun.net.httpserver.nodelay", "true");
        try {
            if (arguments.length > 0 && arguments[0].equals("call")) {
                System.out.println(SumCall.of(List.of(arguments)).result());
                return;
            }
            DemoBackend backend = DemoBackend.start(Options.parse(List.of(arguments)), System.out::println);
            Runtime.getRuntime().addShutdownHook(new Thread(backend::close, "shutdown"));
            if (backend.options().untilStdinCloses()) {
                System.in.transferTo(java.io.OutputStream.nullOutputStream());
                System.exit(0);
            }
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        } catch (IOException | io.grpc.StatusRuntimeException failed) {
            System.err.println(failed.getMessage());
            System.exit(1);
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
