/*
 * Preloaded into wrk, makes each of its TLS connections a whole handshake: wrk uses one SSL object again and again, which
 * keeps its session over SSL_clear and would resume it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

int SSL_set_session(void *connection, void *session);

int SSL_clear(void *connection) {
    static int (*cleared)(void *);
    if (!cleared) cleared = (int (*)(void *))dlsym(RTLD_NEXT, "SSL_clear");
    int done = cleared(connection);
    SSL_set_session(connection, 0);
    return done;
}
