package weir.tls;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import weir.config.ConfiguredFile;
import weir.config.ListenerConfig;
import weir.config.ServiceConfig;

/**
 * Notices that files of TLS were written or replaced and have then been quiet from one look to the next, so that certificate and key are both there. Whether their content changed is for the reader to see. It looks instead
 * of being told, because that also sees symlinks that are swapped and network mounts. Confined to the control thread.
 */
final class MaterialWatch {
    private final Set<Path> paths = new LinkedHashSet<>();
    private @Nullable List<String> settled;
    private @Nullable List<String> last;

    /** The files that a listener names. */
    MaterialWatch(ListenerConfig.Tls tls) {
        tls.certificates().stream()
                .flatMap(c -> Stream.of(c.certificate(), c.key(), c.ocsp()))
                .forEach(this::add);
        add(tls.clientCa());
        add(tls.ticketKeys());
    }

    /** The files that a service names. */
    MaterialWatch(ServiceConfig.Tls tls) {
        add(tls.ca());
        add(tls.certificate());
        add(tls.key());
    }

    private void add(@Nullable ConfiguredFile file) {
        if (file != null) {
            paths.add(Path.of(file.path()));
        }
    }

    /** Whether there is something to read: at the second look, and after every change. */
    boolean look() {
        List<String> now = new ArrayList<>();
        paths.forEach(path -> stamp(path, now));
        boolean quiet = now.equals(last);
        last = now;
        if (!quiet || now.equals(settled)) {
            return false;
        }
        settled = now;
        return true;
    }

    private static void stamp(Path path, List<String> to) {
        try {
            Path real = path.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            to.add(real + " " + attributes.fileKey() + ' ' + attributes.size() + ' '
                    + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
            if (attributes.isDirectory()) {
                List<Path> entries = new ArrayList<>();
                try (DirectoryStream<Path> all = Files.newDirectoryStream(real)) {
                    all.forEach(entries::add);
                }
                entries.stream().filter(Files::isRegularFile).sorted().forEach(entry -> stamp(entry, to));
            }
        } catch (IOException e) {
            to.add(path + " is not there");
        }
    }
}
