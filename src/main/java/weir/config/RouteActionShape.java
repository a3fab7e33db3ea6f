package weir.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import weir.config.RouteConfig.HeaderEdits;
import weir.config.RouteConfig.HostHeader;
import weir.config.RouteConfig.Redirect;
import weir.config.RouteConfig.Respond;

/** What a route does with the request: redirect, fixed answer, and changes on the way. */
final class RouteActionShape {
    private static final Key<String> TO =
            Key.required("to", Targets.REDIRECT_TO, "Where to; may hold {scheme}, {host}, {path} and {query}.");
    private static final Key<Integer> REDIRECT_STATUS =
            Key.of("status", redirectStatus(), 302, "301 and 308 are permanent; 307 and 308 keep the method.");

    static final ObjectType<Redirect> REDIRECT = ObjectType.of(
                    "a URL, or a mapping with to and status",
                    List.of(TO, REDIRECT_STATUS),
                    section -> new Redirect(section.get(TO), section.get(REDIRECT_STATUS)))
            .withShortForm(TO);

    private static final Key<Integer> STATUS = Key.of("status", Numbers.STATUS, 200, "The status of the answer.");
    private static final Key<String> BODY = Key.of("body", Names.TEXT, "", "The body of the answer, in UTF-8.");
    private static final Key<Map<String, String>> FIELDS = Key.of(
            "headers",
            new MapType<>(Fields.EDITED_FIELD_NAME, Fields.FIELD_VALUE, "a mapping from field names to values"),
            Map.of(),
            "Fields of the answer.");

    static final ObjectType<Respond> RESPOND = ObjectType.of(
                    "a status, or a mapping with status, body and headers",
                    List.of(STATUS, BODY, FIELDS),
                    RouteActionShape::respond)
            .withShortForm(STATUS);

    private static final Key<String> STRIP_PREFIX =
            Key.optional("strip-prefix", Targets.PATH, "Removed from the front of the path, on segment borders.");

    static final ObjectType<String> REWRITE =
            ObjectType.of("a mapping with strip-prefix", List.of(STRIP_PREFIX), section -> section.find(STRIP_PREFIX));

    static final TextType<HostHeader> HOST_HEADER = TextType.of(
            "host-header",
            "keep, backend, or " + Addresses.HOST_FIELD.expected(),
            RouteActionShape::parseHostHeader,
            host -> host.name() == null ? Choices.word(host.kind()) : host.name(),
            Map.of("type", "string"));

    private static final Key<Map<String, String>> SET = edits("set", "Fields that get this value alone.");
    private static final Key<Map<String, String>> ADD = edits("add", "Fields added to those that are there.");
    private static final Key<List<String>> REMOVE = Key.of(
            "remove",
            new ListType<>(Fields.EDITED_FIELD_NAME, "a list of field names"),
            List.of(),
            "Fields taken away. The order is remove, set, add.");

    static final ObjectType<HeaderEdits> HEADER_EDITS = ObjectType.of(
            "a mapping with set, add and remove",
            List.of(SET, ADD, REMOVE),
            section -> new HeaderEdits(section.get(SET), section.get(ADD), section.get(REMOVE)));

    private RouteActionShape() {}

    private static Key<Map<String, String>> edits(String name, String meaning) {
        return Key.of(
                name,
                new MapType<>(Fields.EDITED_FIELD_NAME, Fields.FIELD_VALUE, "a mapping from field names to values"),
                Map.of(),
                meaning);
    }

    private static TextType<Integer> redirectStatus() {
        Map<String, Integer> words = new LinkedHashMap<>();
        for (int status : new int[] {301, 302, 303, 307, 308}) {
            words.put(Integer.toString(status), status);
        }
        TextType<Integer> choice = Choices.of("redirect-status", words);
        return TextType.of(
                choice.name(),
                choice.expected(),
                choice.parser(),
                choice.format(),
                Map.of("enum", List.of(301, 302, 303, 307, 308, "301", "302", "303", "307", "308")));
    }

    private static Respond respond(Section section) {
        int status = section.get(STATUS);
        String body = section.get(BODY);
        if (!body.isEmpty() && (status == 204 || status == 205 || status == 304)) {
            section.problem(section.at(BODY), "body: a " + status + " has none", "no body, or another status");
        }
        return new Respond(status, body, section.get(FIELDS));
    }

    private static HostHeader parseHostHeader(String text) throws InvalidText {
        return switch (text) {
            case "keep" -> HostHeader.KEEP;
            case "backend" -> new HostHeader(HostHeader.Kind.BACKEND, null);
            default ->
                new HostHeader(
                        HostHeader.Kind.NAME, Addresses.HOST_FIELD.parser().parse(text));
        };
    }
}
