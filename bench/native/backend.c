/*
 * The backend of the benches: answers every HTTP/1.1 request at once, on any number of ports, with one epoll loop.
 *
 *   backend FIRST-PORT PORTS
 *
 * "?bytes=N" in the target asks for a body of N bytes, up to 4 MiB; else it has 100. Request bodies need a
 * Content-Length and are read and forgotten. A request to upgrade to WebSocket is granted; what follows is sent back as it
 * came, masks and all, which no proxy looks at. It trusts its peers, which are the proxies under test: loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGEST = 4 << 20, HEAD = 16 << 10, EVENTS = 512, DEFAULT_BODY = 100 };

struct connection {
    int fd;
    int listening;
    int echoes; /* has been upgraded */
    int waits_for_room;
    int head_length;
    size_t body_left;    /* of the request: still to be read and forgotten */
    size_t response_end; /* of `response`: head and body are one run of bytes */
    size_t response_sent;
    char response_head[128];
    size_t response_head_length;
    char head[HEAD];
};

static char body[LARGEST];
static char sink[256 << 10];
static int loop;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct connection *c, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(loop, operation, c->fd, &event) < 0) die("epoll_ctl");
}

static void hang_up(struct connection *c) {
    close(c->fd);
    free(c);
}

/* Sends what is left of a response: 1 when all is out, 0 when the socket is full, -1 when it is gone. */
static int send_response(struct connection *c) {
    while (c->response_sent < c->response_end) {
        ssize_t n;
        if (c->response_sent < c->response_head_length) {
            size_t head = c->response_head_length - c->response_sent;
            size_t rest = c->response_end - c->response_head_length;
            if (rest <= 16384) {
                static char whole[sizeof c->response_head + 16384];
                memcpy(whole, c->response_head + c->response_sent, head);
                memcpy(whole + head, body, rest);
                n = send(c->fd, whole, head + rest, MSG_NOSIGNAL);
            } else {
                n = send(c->fd, c->response_head + c->response_sent, head, MSG_NOSIGNAL | MSG_MORE);
            }
        } else {
            size_t at = c->response_sent - c->response_head_length;
            n = send(c->fd, body + at, c->response_end - c->response_sent, MSG_NOSIGNAL);
        }
        if (n < 0) {
            if (errno != EAGAIN) return -1;
            if (!c->waits_for_room) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            c->waits_for_room = 1;
            return 0;
        }
        c->response_sent += (size_t)n;
    }
    if (c->waits_for_room) watch(c, EPOLLIN, EPOLL_CTL_MOD);
    c->waits_for_room = 0;
    c->response_end = 0;
    return 1;
}

static void respond(struct connection *c, size_t bytes) {
    int n = snprintf(c->response_head, sizeof c->response_head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", bytes);
    c->response_head_length = (size_t)n;
    c->response_sent = 0;
    c->response_end = c->response_head_length + bytes;
}

/* Answers a request of WebSocket. The key is not hashed: the load does not ask for that. */
static int upgrade(struct connection *c) {
    static const char granted[] =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    c->echoes = 1;
    return send(c->fd, granted, sizeof granted - 1, MSG_NOSIGNAL) == sizeof granted - 1 ? 0 : -1;
}

/* Sends back what came; small messages always find room. */
static int echo(struct connection *c) {
    ssize_t n = recv(c->fd, sink, sizeof sink, 0);
    if (n < 0 && errno == EAGAIN) return 0;
    return n > 0 && send(c->fd, sink, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

/* Reads the request head that ends at `end`. Returns the length of the body it announces, or -1. */
static long long request(const char *head, const char *end, size_t *answer) {
    const char *line = memchr(head, '\r', (size_t)(end - head));
    const char *asked = memmem(head, (size_t)(line - head), "?bytes=", 7);
    *answer = asked ? strtoul(asked + 7, NULL, 10) : DEFAULT_BODY;
    if (*answer > LARGEST) return -1;
    long long length = 0;
    while (line + 2 < end) {
        const char *field = line + 2;
        line = memchr(field, '\r', (size_t)(end - field));
        if (!line) break;
        if ((*field | 32) == 'c' && line - field > 15 && !strncasecmp(field, "content-length:", 15)) {
            length = strtoll(field + 15, NULL, 10);
        } else if ((*field | 32) == 't' && !strncasecmp(field, "transfer-encoding:", 18)) {
            return -1;
        }
    }
    return length < 0 ? -1 : length;
}

/* Takes the requests that have arrived, one response at a time: 0, or -1 when the connection is done. */
static int serve(struct connection *c) {
    for (;;) {
        if (c->response_end > 0) {
            if (c->body_left > 0) return 0;
            int sent = send_response(c);
            if (sent <= 0) return sent;
        }
        char *end = c->head_length > 3 ? memmem(c->head, (size_t)c->head_length, "\r\n\r\n", 4) : NULL;
        if (!end) return c->head_length == HEAD ? -1 : 0;
        if (memmem(c->head, (size_t)(end - c->head), "/websocket ", 11)) return upgrade(c);
        size_t answer;
        long long length = request(c->head, end + 2, &answer);
        if (length < 0) return -1;
        size_t rest = (size_t)(c->head + c->head_length - (end + 4));
        size_t here = rest < (size_t)length ? rest : (size_t)length;
        c->body_left = (size_t)length - here;
        c->head_length = (int)(rest - here);
        if (c->head_length > 0) memmove(c->head, end + 4 + here, (size_t)c->head_length);
        respond(c, answer);
    }
}

static int receive(struct connection *c) {
    if (c->echoes) return echo(c);
    ssize_t n;
    if (c->body_left > 0) {
        n = recv(c->fd, sink, c->body_left < sizeof sink ? c->body_left : sizeof sink, 0);
        if (n > 0) c->body_left -= (size_t)n;
    } else {
        if (c->head_length == HEAD) return 0;
        n = recv(c->fd, c->head + c->head_length, (size_t)(HEAD - c->head_length), 0);
        if (n > 0) c->head_length += (int)n;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN)) return -1;
    return n < 0 ? 0 : serve(c);
}

static void accept_all(struct connection *listener) {
    int fd;
    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *c = calloc(1, sizeof *c);
        if (!c) die("calloc");
        c->fd = fd;
        watch(c, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static void listen_on(int port) {
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct connection *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    c->listening = 1;
    setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(c->fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(c->fd, 4096) < 0) die("bind");
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: backend FIRST-PORT PORTS\n");
        return 2;
    }
    memset(body, 'x', sizeof body);
    loop = epoll_create1(0);
    for (int i = 0; i < atoi(arguments[2]); i++) listen_on(atoi(arguments[1]) + i);
    static struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (c->listening) {
                accept_all(c);
                continue;
            }
            int alive = 0;
            if (events[i].events & EPOLLOUT) alive = serve(c);
            if (alive == 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = receive(c);
            if (alive < 0) hang_up(c);
        }
    }
}
