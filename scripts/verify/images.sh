# Base images for a trial on a machine that reaches no image registry. To be sourced after tools.sh.
#
# The image is made for swift:6.3-bookworm and debian:bookworm-slim. Where these are not to be had, both
# stages take Debian 13 with Debian 12's QuantLib and librdkafka, as scripts/with-swift makes it: the same
# Dockerfile and sources, another compiler and C library.

# A Docker Engine: the one that answers, or one that VALGRID_DOCKER_TOOLS/docker-up starts.
find_docker() {
    engine=
    docker version >/dev/null 2>&1 && return
    local tools=${VALGRID_DOCKER_TOOLS:-$root/../shared/tools/docker}
    [ -x "$tools/docker-up" ] || fail "no Docker Engine answers; start one, or set VALGRID_DOCKER_TOOLS"
    engine=${VALGRID_DOCKER_DIR:-$cache/docker}
    # It ends with an error where it cannot make swift:6.3-bookworm; the engine runs all the same.
    "$tools/docker-up" "$engine" >"$scratch/docker-up.log" 2>&1 || true
    . "$engine/env"
    docker version >/dev/null 2>&1 || fail "docker-up: $(tail -3 "$scratch/docker-up.log")"
    docker_down=$tools/docker-down
}

has_image() { docker image inspect "$1" >/dev/null 2>&1 || docker pull -q "$1" >/dev/null 2>&1; }

# Sets build_arguments for `docker build`, and says what the images are.
find_base_images() {
    build_arguments=()
    if has_image swift:6.3-bookworm && has_image debian:bookworm-slim; then
        echo "base images: swift:6.3-bookworm, debian:bookworm-slim"
        return
    fi
    echo "base images: Debian 13 for a trial, since swift:6.3-bookworm is not to be had"
    has_trial_image valgrid-trial-swift:trixie || make_swift_image
    has_trial_image valgrid-trial-debian:trixie || make_debian_image
    build_arguments=(
        --build-arg SWIFT_IMAGE=valgrid-trial-swift:trixie
        --build-arg RUNTIME_IMAGE=valgrid-trial-debian:trixie
        --build-arg "RUNTIME_PACKAGES=libcurl4t64 libmicrohttpd12t64 libquantlib0v5 librdkafka1 libsqlite3-0 libssl3t64"
    )
}

has_trial_image() { docker image inspect "$1" >/dev/null 2>&1; }

swift_root=${VALGRID_SWIFT_ROOT:-/var/lib/valgrid/swift-root}

make_swift_image() {
    "$root/scripts/with-swift" true
    tar -C "$swift_root" --one-file-system --numeric-owner --exclude='./tmp/*' --exclude='./proc/*' \
        --exclude='./dev/*' --exclude='./root/*' --exclude='./var/cache/*' --exclude=./usr/lib/jvm \
        --exclude=./usr/share/doc --exclude='*lldb*' --exclude='*sourcekit*' -c . |
        docker import -c 'CMD ["bash"]' - valgrid-trial-swift:trixie >/dev/null
}

# As slim as Debian's own slim image, so that the size of ours means something.
make_debian_image() {
    "$root/scripts/with-swift" true
    command -v debootstrap >/dev/null || debian debootstrap
    local rootfs=$scratch/rootfs mirror
    mirror=$(awk '$3 == "trixie" { print $2; exit }' "$swift_root/etc/apt/sources.list")
    debootstrap --variant=minbase trixie "$rootfs" "$mirror" >"$scratch/debootstrap.log" 2>&1 ||
        fail "debootstrap: $(tail -3 "$scratch/debootstrap.log")"
    cp "$swift_root/etc/apt/sources.list" "$rootfs/etc/apt/"
    cp "$swift_root/etc/apt/preferences.d/valgrid" "$rootfs/etc/apt/preferences.d/"
    find "$rootfs/usr/share/doc" -type f ! -name copyright -delete
    rm -rf "$rootfs"/usr/share/{man,locale,info}/* "$rootfs"/var/cache/apt/* "$rootfs"/var/lib/apt/lists/*
    printf 'path-exclude /usr/share/%s/*\n' doc man locale >"$rootfs/etc/dpkg/dpkg.cfg.d/slim"
    printf 'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' >"$rootfs/etc/apt/apt.conf.d/slim"
    tar -C "$rootfs" --numeric-owner -c . |
        docker import -c 'CMD ["bash"]' - valgrid-trial-debian:trixie >/dev/null
    rm -rf "$rootfs"
}
