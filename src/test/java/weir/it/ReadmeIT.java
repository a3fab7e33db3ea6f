package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.DemoProcess;
import weir.testing.GrpcBackend;
import weir.testing.RequiresTool;

/**
 * README's five minutes, done exactly as printed. Times, connections, ids, process ids and the address that localhost
 * stands for are masked; everything else is compared.
 */
@Timeout(300)
@RequiresTool({"bash", "curl", "seq", "sort", "uniq", "grep"})
final class ReadmeIT {
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private final List<Process> background = new ArrayList<>();

    @Test
    void doesTheFiveMinutesAsPrinted() throws Exception {
        for (int port : new int[] {8080, 9900, 9001, 9002, 9011, 9012, 9021, 9022}) {
            assumeTrue(isFree(port), "port " + port + " of the demo is in use");
        }
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf("## Five minutes"), readme.indexOf("## Configuration"));
        try (DemoProcess demo = DemoProcess.start()) {
            for (MatchResult block : BLOCK.matcher(section).results().toList()) {
                follow(demo, block.group(1), block.group(2));
            }
        } finally {
            background.forEach(Process::destroyForcibly);
        }
    }

    private void follow(DemoProcess demo, String kind, String text) throws Exception {
        switch (kind) {
            case "console" -> type(demo, text);
            case "sh" -> background.add(shell(text).start());
            case "json" -> {
                String line = masked(text.replaceAll("\n ?", ""));
                Await.until(
                        () -> demo.stdout().stream()
                                .anyMatch(said -> masked(said).equals(line)),
                        () -> "no such line: " + line + "\nin " + demo.stdout());
            }
            default -> {
                for (String line : text.lines().toList()) {
                    demo.awaitStderr(said -> masked(said).equals(masked(line)), line);
                }
            }
        }
    }

    /** Runs what stands behind each {@code $} and compares what follows it. */
    private static void type(DemoProcess demo, String text) throws Exception {
        for (String step : text.substring(2).split("(?m)^\\$ ")) {
            int end = step.indexOf('\n');
            String command = step.substring(0, end);
            String printed = step.substring(end + 1);
            if (command.startsWith("grpcurl")) {
                addOverGrpc();
                continue;
            }
            if (command.startsWith("kill -9 ")) {
                command = "kill -9 " + demo.firstBackendPid();
            }
            Process process = shell(command).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            // Who of two had the first turn is chance, so tables are compared as sorted rows.
            assertEquals(
                    sorted(masked(printed)),
                    sorted(masked(said)),
                    () -> step + "\nsaid: " + said + "\ndemo: " + demo.stderr() + "\n" + demo.stdout());
        }
    }

    /** What README's grpcurl does, by gRPC's own client: SumRequest{a: 1, b: 2} and SumResponse{result: 3} in protobuf. */
    private static void addOverGrpc() {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", 8080).usePlaintext().build();
        try {
            String result = GrpcBackend.call(
                    channel,
                    GrpcBackend.ECHO.toBuilder()
                            .setFullMethodName("weir.demo.v1.Calculator/Sum")
                            .build(),
                    "\u0008\u0001\u0010\u0002");
            assertEquals("\u0008\u0003", result);
        } finally {
            channel.shutdownNow();
        }
    }

    private static ProcessBuilder shell(String command) {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command);
        String bin = Path.of(System.getProperty("java.home"), "bin").toString();
        builder.environment().merge("PATH", bin, (path, java) -> java + ":" + path);
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    }

    private static String sorted(String text) {
        return text.lines().sorted().collect(Collectors.joining("\n"));
    }

    private static String masked(String text) {
        String masked = text.stripTrailing();
        for (String[] mask : new String[][] {
            {"\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "TIME"},
            {"\\d+(\\.\\d+)? ms", "N ms"},
            {"\\b\\d+(\\.\\d+)?s\\b", "Ns"},
            {"(\"(?:duration|queue|connect|first_byte|transfer)\":)[\\d.E-]+", "$1N"},
            {"\"request_id\":\"[0-9a-f]+\"", "ID"},
            {"curl/[\\d.]+", "curl"},
            {"(\"client\":)\"[^\"]+\"", "$1ADDRESS"},
            {"(\"peer\":)\"[^\"]+\"", "$1ADDRESS"},
            {"((?:available|ejected) +1 +0 +)\\d+", "$1C"},
            {"127.0.0.1:9\\d{3}", "ADDRESS"},
            {" +", " "},
        }) {
            masked = Pattern.compile(mask[0]).matcher(masked).replaceAll(mask[1]);
        }
        return masked;
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
