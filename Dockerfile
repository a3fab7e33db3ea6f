# syntax=docker/dockerfile:1
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml ./
COPY demo-backends/ demo-backends/
COPY src/ src/
# Tests and formatting are the business of .ci/run.
RUN --mount=type=cache,target=/build/.m2 \
    mvn -B -q -Dmaven.repo.local=/build/.m2 -DskipTests -Dmaven.test.skip=true -Dspotless.check.skip=true package

FROM eclipse-temurin:25-jre
RUN groupadd --system --gid 10001 weir \
 && useradd --system --uid 10001 --gid weir --no-create-home --shell /usr/sbin/nologin weir \
 && install -d -o weir -g weir /var/log/weir /var/lib/weir
COPY --chmod=755 bin/weir packaging/healthcheck /opt/weir/bin/
COPY --from=build /build/target/weir.jar /build/target/demo-backends.jar /opt/weir/lib/
# The class-data cache of this JRE and this jar.
RUN /opt/weir/bin/weir warm-up
# Answers every request with what to mount in its place.
COPY packaging/unconfigured.yaml /etc/weir/config.yaml
# By number: Kubernetes cannot tell of a name that it is not root's (runAsNonRoot).
USER 10001:10001
WORKDIR /etc/weir
EXPOSE 8080
# Asks the admin API without starting a second JVM: no curl is in the image, but bash is.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/opt/weir/bin/healthcheck"]
# The launcher becomes the JVM, so docker stop drains it: give it more than shutdown.drain-timeout (docker stop -t 45).
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/weir/bin/weir"]
CMD ["run", "--config", "/etc/weir/config.yaml"]
