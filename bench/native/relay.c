/*
 * The floor: a relay that parses nothing. It reads what a client sent, writes it to the backend, reads the answer,
 * writes it to the client: read, write, read, write, which is what the kernel asks of any proxy that copies.
 *
 *   relay PORT BACKEND-PORT...
 *
 * Every client connection has a backend connection of its own, taken in turn. Loopback only; no log.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, BUFFER = 64 << 10 };

struct side {
    int fd;
    int watched; /* the events asked for */
    struct side *other;
    char *held; /* read from the other side, not yet taken by this one */
    size_t held_from, held_to;
    int closed;
};

static char buffer[BUFFER];
static int loop;
static struct side listener;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct side *s, int events) {
    if (s->watched == events) return;
    struct epoll_event event = {.events = (uint32_t)events, .data.ptr = s};
    epoll_ctl(loop, s->watched < 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, s->fd, &event);
    s->watched = events;
}

static struct side *side_of(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct side *s = calloc(1, sizeof *s);
    if (!s) die("calloc");
    s->fd = fd;
    s->watched = -1;
    return s;
}

static void hang_up(struct side *s) {
    if (s->closed) return;
    s->closed = s->other->closed = 1;
    close(s->fd);
    close(s->other->fd);
}

/* Writes to `to`; what it does not take is held, and the other side is not read until it is gone. */
static void pass(struct side *to, const char *bytes, size_t n) {
    ssize_t sent = send(to->fd, bytes, n, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        hang_up(to);
        return;
    }
    if (sent < 0) sent = 0;
    if ((size_t)sent == n) return;
    if (!to->held && !(to->held = malloc(BUFFER))) die("malloc");
    to->held_from = 0;
    to->held_to = n - (size_t)sent;
    for (size_t i = 0; i < to->held_to; i++) to->held[i] = bytes[(size_t)sent + i];
    watch(to, EPOLLOUT | (to->watched & EPOLLIN));
    watch(to->other, to->other->watched & ~EPOLLIN);
}

static void drain(struct side *s) {
    ssize_t n = send(s->fd, s->held + s->held_from, s->held_to - s->held_from, MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN) hang_up(s);
        return;
    }
    s->held_from += (size_t)n;
    if (s->held_from < s->held_to) return;
    s->held_to = 0;
    watch(s, s->watched & ~EPOLLOUT);
    watch(s->other, s->other->watched | EPOLLIN);
}

static void receive(struct side *s) {
    ssize_t n = recv(s->fd, buffer, BUFFER, 0);
    if (n > 0) {
        pass(s->other, buffer, (size_t)n);
    } else if (n == 0 || errno != EAGAIN) {
        hang_up(s);
    }
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) die("connect");
    return fd;
}

static void accept_all(int backends, char **ports) {
    static int turn;
    int fd;
    while ((fd = accept4(listener.fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct side *client = side_of(fd);
        struct side *backend = side_of(connect_to(atoi(ports[turn++ % backends])));
        client->other = backend;
        backend->other = client;
        watch(client, EPOLLIN);
        watch(backend, EPOLLIN);
    }
}

static void listen_on(int port) {
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    listener.watched = -1;
    setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener.fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener.fd, 4096) < 0) {
        die("bind");
    }
    watch(&listener, EPOLLIN);
}

/* Pairs that closed during a turn of the loop are freed after it: later events of the turn may still name them. */
int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: relay PORT BACKEND-PORT...\n");
        return 2;
    }
    loop = epoll_create1(0);
    listen_on(atoi(arguments[1]));
    static struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(loop, events, EVENTS, -1);
        struct side *gone[EVENTS];
        int gone_count = 0;
        for (int i = 0; i < n; i++) {
            struct side *s = events[i].data.ptr;
            if (s == &listener) {
                accept_all(count - 2, arguments + 2);
                continue;
            }
            if (s->closed) continue;
            if (events[i].events & EPOLLOUT && s->held_to > 0) drain(s);
            if (!s->closed && s->watched & EPOLLIN) {
                if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(s);
            } else if (!s->closed && events[i].events & (EPOLLHUP | EPOLLERR)) {
                hang_up(s);
            }
            if (s->closed) gone[gone_count++] = s;
        }
        for (int i = 0; i < gone_count; i++) {
            free(gone[i]->held);
            free(gone[i]->other->held);
            free(gone[i]->other);
            free(gone[i]);
        }
    }
}
