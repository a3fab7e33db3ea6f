package weir;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of the layout, as ArchUnit knows them. A new package is a new line in {@link #PACKAGES}.
 *
 * @param root the package the parts are in: {@code weir}, or in the rules' own test that of a small copy
 */
record ArchitectureRules(String root) {
    private static final List<String> SHARED = List.of("service", "config", "metrics");

    /** Each package and those of ours it may use. The root itself, the composition root, may use all. */
    private static final Map<String, List<String>> PACKAGES = packages();

    private static final List<String> NETTY_ALLOWED = List.of(
            "",
            "listener",
            "http",
            "loop",
            "http1",
            "tls",
            "http2",
            "http3",
            "route",
            "proxy",
            "connection",
            "accesslog",
            "proxyprotocol",
            "tcp",
            "discovery",
            "health",
            "admin");

    private static final List<String> EMPTY_SUFFIXES =
            List.of("Manager", "Util", "Utils", "Helper", "Impl", "Base", "Data", "Info");

    private static final DescribedPredicate<JavaClass> CHANNEL = DescribedPredicate.describe(
            "a Netty channel, its context or its handlers",
            type -> type.getPackageName().startsWith("io.netty.channel")
                    && type.getSimpleName().matches(".*Channel|ChannelHandler.*|ChannelPipeline|.*HandlerAdapter"));

    private static Map<String, List<String>> packages() {
        Map<String, List<String>> allowed = new LinkedHashMap<>();
        allowed.put("config", List.of());
        allowed.put("metrics", List.of());
        allowed.put("service", List.of("config", "metrics"));
        allowed.put("balance", SHARED);
        allowed.put("discovery", SHARED);
        allowed.put("health", with(SHARED, "http", "loop", "http1", "http2", "tls", "connection", "proxyprotocol"));
        allowed.put("admin", with(SHARED, "http", "loop", "http1", "connection"));
        allowed.put("http", List.of("config", "metrics"));
        allowed.put("loop", List.of("config", "metrics", "http"));
        allowed.put("http1", List.of("config", "metrics", "http", "loop"));
        allowed.put("tls", List.of("config", "metrics", "http", "loop"));
        allowed.put("http2", List.of("config", "metrics", "http", "loop"));
        allowed.put("http3", List.of("config", "metrics", "http", "loop"));
        allowed.put("route", with(SHARED, "http"));
        allowed.put("connection", with(SHARED, "http", "loop", "proxyprotocol"));
        allowed.put("accesslog", with(SHARED, "http"));
        allowed.put("proxy", with(SHARED, "http", "loop", "route", "connection", "accesslog"));
        allowed.put("proxyprotocol", List.of("config", "http"));
        allowed.put("tcp", with(SHARED, "http", "loop", "tls", "connection", "accesslog", "proxy", "proxyprotocol"));
        allowed.put(
                "listener",
                with(
                        SHARED,
                        "http",
                        "loop",
                        "http1",
                        "http2",
                        "http3",
                        "tls",
                        "route",
                        "connection",
                        "accesslog",
                        "proxy",
                        "proxyprotocol",
                        "tcp"));
        allowed.put("cli", with(SHARED, "http", "route", "admin"));
        return allowed;
    }

    /** All rules, each to be checked by itself. */
    List<ArchRule> all() {
        List<ArchRule> rules = new ArrayList<>();
        PACKAGES.forEach((name, allowed) -> rules.add(usesOnly(name, allowed)));
        rules.add(everyClassIsInAKnownPackage());
        rules.add(slices().matching(root + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true));
        rules.add(noClasses()
                .that()
                .resideOutsideOfPackages(packageNames(NETTY_ALLOWED))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .as("io.netty is used only in the data plane, discovery, health and admin")
                .allowEmptyShould(true));
        rules.add(noClasses()
                .that()
                .resideInAPackage(packageName("http"))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "Netty beyond its buffers",
                        type -> type.getPackageName().startsWith("io.netty.")
                                && !type.getPackageName().matches("io\\.netty\\.(buffer|util)(\\..*)?")))
                .allowEmptyShould(true));
        rules.add(noClasses()
                .that()
                .resideInAPackage(packageName("proxy"))
                .should()
                .dependOnClassesThat(CHANNEL)
                .because("proxy knows ClientStream and BackendStream, whatever the protocol")
                .allowEmptyShould(true));
        rules.add(classes()
                .that()
                .haveSimpleNameStartingWith("Consul")
                .should()
                .resideInAnyPackage(packageName("discovery"), packageName("config"))
                .allowEmptyShould(true));
        rules.add(noClasses()
                .that()
                .resideOutsideOfPackages(root, packageName("cli"))
                .should(ACCESS_STANDARD_STREAMS)
                .because("messages go to the log")
                .allowEmptyShould(true));
        rules.add(classes().should(beClosedToInheritance()).allowEmptyShould(true));
        EMPTY_SUFFIXES.forEach(suffix -> rules.add(noClasses()
                .should()
                .haveSimpleNameEndingWith(suffix)
                .because("the suffix says nothing")
                .allowEmptyShould(true)));
        rules.add(classes().should(resideInANullMarkedPackage()).allowEmptyShould(true));
        return rules;
    }

    private ArchRule usesOnly(String name, List<String> allowed) {
        String[] targets = Stream.concat(Stream.of(name), allowed.stream())
                .map(this::packageName)
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(packageName(name))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "ours outside of " + String.join(", ", targets),
                        type -> type.getPackageName().equals(root)
                                || type.getPackageName().startsWith(root + ".")
                                        && !isIn(type, name)
                                        && allowed.stream().noneMatch(other -> isIn(type, other))))
                .allowEmptyShould(true);
    }

    private ArchRule everyClassIsInAKnownPackage() {
        return classes()
                .should()
                .resideInAnyPackage(Stream.concat(
                                Stream.of(root), PACKAGES.keySet().stream().map(this::packageName))
                        .toArray(String[]::new))
                .because("a new package is entered in ArchitectureRules, with what it may use")
                .allowEmptyShould(true);
    }

    private static ArchCondition<JavaClass> beClosedToInheritance() {
        return new ArchCondition<>("be final, sealed, or an interface") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean closed = type.isInterface()
                        || type.isEnum()
                        || type.isAnonymousClass()
                        || type.getModifiers().contains(JavaModifier.FINAL)
                        || type.reflect().isSealed();
                events.add(new SimpleConditionEvent(type, closed, type.getName() + " is open to inheritance"));
            }
        };
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package whose package-info says @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage()
                        .tryGetAnnotationOfType(NullMarked.class)
                        .isPresent();
                events.add(new SimpleConditionEvent(
                        type, marked, type.getPackageName() + " has no @NullMarked package-info"));
            }
        };
    }

    private boolean isIn(JavaClass type, String name) {
        String own = root + "." + name;
        return type.getPackageName().equals(own) || type.getPackageName().startsWith(own + ".");
    }

    private String packageName(String name) {
        return name.isEmpty() ? root : root + "." + name + "..";
    }

    private String[] packageNames(List<String> names) {
        return names.stream().map(this::packageName).toArray(String[]::new);
    }

    private static List<String> with(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }
}
