package weir.config;

import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * One key of a mapping with its value. Immutable.
 *
 * @param location where the key stands
 */
record Entry(String key, Location location, Node value) {
    /** The entries whose keys are text; of the others the source has a problem. */
    static List<Entry> of(MappingNode mapping, Source source) {
        List<Entry> entries = new ArrayList<>(mapping.getValue().size());
        for (NodeTuple tuple : mapping.getValue()) {
            Node key = tuple.getKeyNode();
            if (!source.admits(key)) {
                break;
            }
            if (!(key instanceof ScalarNode scalar)) {
                source.problem(source.location(key), "key: " + Type.kind(key), "text", null);
            } else if (scalar.isPlain() && scalar.getValue().equals("<<")) {
                source.problem(
                        source.location(key),
                        "<<: merge keys are not supported",
                        "the keys written out, or an alias for the whole value",
                        null);
            } else {
                entries.add(new Entry(scalar.getValue(), source.location(key), tuple.getValueNode()));
            }
        }
        return entries;
    }

    void duplicate(Location earlier, Source source) {
        source.problem(
                location,
                "duplicate key: " + Problem.shown(key),
                "once; the first is at line " + earlier.line() + ", column " + earlier.column(),
                null);
    }
}
