/*
 * The load of WebSocket: connections that each send a message as soon as they have the last one back.
 *
 *   websocket PORT CONNECTIONS SECONDS
 *
 * Messages are masked text of 64 bytes and must come back as they were sent. Prints one line: RESULT and JSON.
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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD = 64, MESSAGE = 6 + PAYLOAD, EVENTS = 256, SLOWEST = 1000000 };

struct connection {
    int fd;
    int have;
    int64_t sent;
    char back[MESSAGE];
};

static char message[MESSAGE];
static uint32_t took[SLOWEST + 1]; /* messages by microseconds */
static long long done, errors;

static int64_t micros(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int send_message(struct connection *c) {
    c->have = 0;
    c->sent = micros();
    return send(c->fd, message, MESSAGE, MSG_NOSIGNAL) == MESSAGE ? 0 : -1;
}

/* Connects and upgrades, waiting for both. */
static int open_connection(struct connection *c, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = 5};
    char head[2048], request[512];
    int on = 1, have = 0;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) return -1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int length = snprintf(request, sizeof request,
            "GET /websocket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", port);
    if (send(c->fd, request, (size_t)length, MSG_NOSIGNAL) != length) return -1;
    while (!memmem(head, (size_t)have, "\r\n\r\n", 4)) {
        ssize_t n = recv(c->fd, head + have, sizeof head - (size_t)have, 0);
        if (n <= 0) return -1;
        have += (int)n;
    }
    return strncmp(head, "HTTP/1.1 101", 12) == 0 ? 0 : -1;
}

static int receive(struct connection *c) {
    ssize_t n = recv(c->fd, c->back + c->have, (size_t)(MESSAGE - c->have), MSG_DONTWAIT);
    if (n <= 0) return n < 0 && errno == EAGAIN ? 0 : -1;
    c->have += (int)n;
    if (c->have < MESSAGE) return 0;
    if (memcmp(c->back, message, MESSAGE) != 0) return -1;
    int64_t micro = micros() - c->sent;
    took[micro < SLOWEST ? micro : SLOWEST]++;
    done++;
    return send_message(c);
}

static long percentile(int percent) {
    long long left = (done * percent + 99) / 100;
    for (long micro = 0; micro < SLOWEST; micro++) {
        left -= took[micro];
        if (left <= 0) return micro;
    }
    return SLOWEST;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: websocket PORT CONNECTIONS SECONDS\n");
        return 2;
    }
    int connections = atoi(arguments[2]);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    int loop = epoll_create1(0);
    message[0] = (char)0x81;
    message[1] = (char)(0x80 | PAYLOAD);
    memcpy(message + 2, "mask", 4);
    for (int i = 0; i < PAYLOAD; i++) message[6 + i] = 'x' ^ message[2 + i % 4];
    for (int i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        if (open_connection(&all[i], atoi(arguments[1])) < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, all[i].fd, &event) < 0) {
            fprintf(stderr, "connection %d was not upgraded\n", i);
            return 1;
        }
    }
    int64_t begun = micros(), end = begun + atoi(arguments[3]) * 1000000LL;
    for (int i = 0; i < connections; i++) errors += send_message(&all[i]) < 0;
    while (micros() < end) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(loop, events, EVENTS, 100);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (receive(c) < 0) {
                errors++;
                close(c->fd);
            }
        }
    }
    printf("RESULT {\"requests\": %lld, \"micros\": %lld, \"p50\": %ld, \"p99\": %ld, \"errors\": %lld}\n", done,
            (long long)(micros() - begun), percentile(50), percentile(99), errors);
    return 0;
}
