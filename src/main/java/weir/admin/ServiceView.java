package weir.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The services as they are now. Thread-safe; answers from snapshots and never blocks. */
public interface ServiceView {
    /** Every service, in the order of the configuration. */
    List<ServiceStatus> services();

    /** The service of that name, or null. */
    @Nullable
    ServiceStatus service(String name);
}
