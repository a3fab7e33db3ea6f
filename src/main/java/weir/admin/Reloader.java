package weir.admin;

/** Reads the configuration file again and puts it in force, if it is good. Called on the control executor; may block. */
@FunctionalInterface
public interface Reloader {
    /** Loads the file; a bad one changes nothing. */
    ReloadResult reload();
}
