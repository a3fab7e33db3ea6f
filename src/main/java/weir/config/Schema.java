package weir.config;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema (draft 2020-12) of the configuration, for editors. It is written from the same description that
 * the reader reads by. Confined to the thread that writes.
 */
public final class Schema {
    private static final String SUBSTITUTION = "substitution";

    private final Gson gson =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private final JsonObject definitions = new JsonObject();

    private Schema() {}

    /** The schema as JSON text. */
    public static String json() {
        Schema schema = new Schema();
        return schema.gson.toJson(schema.document());
    }

    private JsonObject document() {
        JsonObject substitution = new JsonObject();
        substitution.addProperty("description", "Text with an environment variable.");
        substitution.addProperty("type", "string");
        substitution.addProperty("pattern", Substitution.PATTERN);
        definitions.add(SUBSTITUTION, substitution);
        JsonObject document = new JsonObject();
        document.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
        document.addProperty("title", "Weir configuration");
        object(ConfigurationShape.CONFIGURATION).entrySet().forEach(e -> document.add(e.getKey(), e.getValue()));
        document.add("$defs", definitions);
        return document;
    }

    private JsonObject schema(Type<?> type) {
        if (type instanceof TextType<?> text) {
            return text(text);
        }
        if (type instanceof ListType<?> list) {
            JsonObject array = typed("array");
            array.add("items", schema(list.element()));
            return either(array, list.takesText() ? shortForm(list.element()) : null, typed("null"));
        }
        if (type instanceof MapType<?> map) {
            JsonObject mapping = typed("object");
            mapping.add("propertyNames", text(map.names()));
            mapping.add("additionalProperties", schema(map.value()));
            return either(mapping, null, typed("null"));
        }
        ObjectType<?> object = (ObjectType<?>) type;
        return object.shortForm() == null
                ? either(object(object), null, typed("null"))
                : either(object(object), shortForm(object), null);
    }

    private JsonObject object(ObjectType<?> type) {
        JsonObject object = typed("object");
        JsonObject properties = new JsonObject();
        JsonArray required = new JsonArray();
        for (Key<?> key : type.keys()) {
            properties.add(key.name(), property(key));
            if (key.required()) {
                required.add(key.name());
            }
        }
        object.add("properties", properties);
        if (!required.isEmpty()) {
            object.add("required", required);
        }
        if (!type.alternatives().isEmpty()) {
            JsonArray choices = new JsonArray();
            for (Key<?> key : type.alternatives()) {
                JsonArray names = new JsonArray();
                names.add(key.name());
                JsonObject choice = new JsonObject();
                choice.add("required", names);
                choices.add(choice);
            }
            object.add("oneOf", choices);
        }
        object.addProperty("additionalProperties", false);
        return object;
    }

    private <T> JsonObject property(Key<T> key) {
        JsonObject property = new JsonObject();
        property.addProperty("description", key.meaning());
        JsonObject schema = schema(key.type());
        (key.nullable() ? either(schema, null, typed("null")) : schema)
                .entrySet()
                .forEach(e -> property.add(e.getKey(), e.getValue()));
        JsonElement value = key.required() ? null : value(key.type(), key.missing());
        if (value != null) {
            property.add("default", value);
        }
        return property;
    }

    /** The default as JSON; null where it is the defaults of the keys below. */
    @SuppressWarnings("unchecked")
    private <T> @Nullable JsonElement value(Type<T> type, @Nullable T value) {
        if (value == null) {
            return JsonNull.INSTANCE;
        }
        if (type instanceof TextType<T> text) {
            return value instanceof Integer || value instanceof Boolean
                    ? gson.toJsonTree(value)
                    : gson.toJsonTree(text.format().apply(value));
        }
        if (type instanceof ListType<?> list) {
            JsonArray array = new JsonArray();
            for (Object element : (List<?>) value) {
                array.add(value((Type<Object>) list.element(), element));
            }
            return array;
        }
        return type instanceof MapType<?> ? new JsonObject() : null;
    }

    private JsonObject shortForm(Type<?> type) {
        if (type instanceof ObjectType<?> object && object.shortForm() != null) {
            return shortForm(object.shortForm().type());
        }
        if (type instanceof ListType<?> list && list.takesText()) {
            return shortForm(list.element());
        }
        return schema(type);
    }

    private JsonObject text(TextType<?> type) {
        if (!definitions.has(type.name())) {
            JsonObject substitution = reference(SUBSTITUTION);
            JsonObject definition = either(gson.toJsonTree(type.schema()).getAsJsonObject(), null, substitution);
            definition.addProperty("description", type.expected());
            definitions.add(type.name(), definition);
        }
        return reference(type.name());
    }

    private static JsonObject reference(String definition) {
        JsonObject reference = new JsonObject();
        reference.addProperty("$ref", "#/$defs/" + definition);
        return reference;
    }

    private static JsonObject typed(String type) {
        JsonObject object = new JsonObject();
        object.addProperty("type", type);
        return object;
    }

    private static JsonObject either(JsonObject first, @Nullable JsonObject second, @Nullable JsonObject third) {
        JsonArray choices = new JsonArray();
        for (JsonObject choice : new JsonObject[] {first, second, third}) {
            if (choice != null) {
                choices.add(choice);
            }
        }
        JsonObject either = new JsonObject();
        either.add("anyOf", choices);
        return either;
    }
}
