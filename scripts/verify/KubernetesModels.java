import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import java.io.FileReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;

/**
 * Checks objects against the models of Kubernetes' own Java client: an apiVersion or kind that this
 * version of Kubernetes does not serve, a field it does not know, a required one that is missing and
 * a value of the wrong type are failures.
 *
 * <p>usage: java -cp ... KubernetesModels.java FILE ... (a JSON object a line)
 */
public final class KubernetesModels {
    public static void main(String[] files) throws Exception {
        new JSON();
        int failures = 0;
        int count = 0;
        for (String file : files) {
            try (var lines = new java.io.BufferedReader(new FileReader(file))) {
                for (String line; (line = lines.readLine()) != null; count++) {
                    JsonObject object = JsonParser.parseString(line).getAsJsonObject();
                    String problem = problem(object);
                    if (problem == null) continue;
                    failures++;
                    System.out.println(file + ": " + name(object) + ": " + problem);
                }
            }
        }
        if (count == 0) {
            System.out.println("no object to check");
            System.exit(1);
        }
        if (failures > 0) System.exit(1);
        System.out.println(count + " objects");
    }

    private static String name(JsonObject object) {
        String kind = object.has("kind") ? object.get("kind").getAsString() : "object";
        JsonObject metadata = object.getAsJsonObject("metadata");
        boolean isNamed = metadata != null && metadata.has("name");
        return kind + "/" + (isNamed ? metadata.get("name").getAsString() : "?");
    }

    private static String problem(JsonObject object) {
        if (!object.has("apiVersion") || !object.has("kind")) return "no apiVersion or no kind";
        String apiVersion = object.get("apiVersion").getAsString();
        String kind = object.get("kind").getAsString();
        Optional<Class<?>> model = model(apiVersion, kind);
        if (model.isEmpty()) return "no such kind: " + apiVersion + " " + kind;
        try {
            model.get().getMethod("validateJsonElement", JsonElement.class).invoke(null, object);
            JSON.getGson().fromJson(object, model.get());
            return null;
        } catch (InvocationTargetException e) {
            return String.valueOf(e.getCause().getMessage());
        } catch (ReflectiveOperationException | RuntimeException e) {
            return e.getMessage() == null ? e.toString() : e.getMessage();
        }
    }

    /** The model that the client sends when it creates an object of this kind. */
    private static Optional<Class<?>> model(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "core" : apiVersion.substring(0, slash);
        StringBuilder api = new StringBuilder("io.kubernetes.client.openapi.apis.");
        // Kubernetes' own groups are plain words or end in k8s.io.
        if (group.contains(".") && !group.endsWith(".k8s.io")) return Optional.empty();
        for (String part : group.replaceFirst("\\.k8s\\.io$", "").split("\\.")) {
            api.append(capitalized(part));
        }
        api.append(capitalized(apiVersion.substring(slash + 1))).append("Api");
        try {
            for (Method method : Class.forName(api.toString()).getMethods()) {
                if (!method.getName().equals("createNamespaced" + kind)
                        && !method.getName().equals("create" + kind)) continue;
                for (Class<?> type : method.getParameterTypes()) {
                    if (type.getName().contains(".models.")) return Optional.of(type);
                }
            }
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static String capitalized(String text) {
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
