package weir.cli;

import weir.admin.Candidate;
import weir.admin.ExplainRequest;
import weir.admin.Explanation;
import weir.admin.RouteWalk;

/** Writes an explanation for people. Immutable. */
final class ExplanationText {
    private ExplanationText() {}

    static String of(Explanation e, boolean live) {
        ExplainRequest r = e.request();
        StringBuilder text = new StringBuilder(Reply.printable(r.method()))
                .append(' ')
                .append(Reply.printable(
                        r.authority().isEmpty() ? r.target() : r.scheme() + "://" + r.authority() + r.target()))
                .append("\n\nroutes, in order\n");
        if (e.routes().isEmpty()) {
            text.append("  there are none\n");
        } else {
            text.append(routes(e));
        }
        text.append('\n');
        if (e.route() == null) {
            return text.append("No route takes it: answered 404.\n").toString();
        }
        if (e.service() == null) {
            return text.append("Answered by the route itself: ")
                    .append(Reply.printable(String.valueOf(e.answer())))
                    .append('\n')
                    .toString();
        }
        text.append("service ").append(Reply.printable(e.service()));
        if (e.forwardedTarget() != null) {
            text.append(", asked for ").append(Reply.printable(e.forwardedTarget()));
        }
        return text.append('\n').append(backends(e, live)).toString();
    }

    private static String routes(Explanation e) {
        Table table = new Table("", "ROUTE", "WHERE", "WHY");
        for (RouteWalk.Step s : e.routes()) {
            table.row(s.matched() ? "->" : "", s.route(), s.location(), s.why());
        }
        return table.text("  ");
    }

    private static String backends(Explanation e, boolean live) {
        if (e.backends().isEmpty()) {
            return "  It has no backends" + (live ? ": answered 503.\n" : " in the configuration.\n");
        }
        Table table = new Table("BACKEND", "WEIGHT", "STATE", "PICKED", "WHY");
        for (Candidate c : e.backends()) {
            table.row(c.address(), c.weight(), c.state(), c.pickable() ? "yes" : "no", c.why());
        }
        String text = table.text("  ");
        if (e.panic()) {
            return text + "  No backend is available, so the ejected ones are picked.\n";
        }
        boolean none = e.backends().stream().noneMatch(Candidate::pickable);
        return none ? text + "  None may be picked: answered 503.\n" : text;
    }
}
