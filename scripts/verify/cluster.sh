# A Kubernetes control plane to try the grid's objects on. To be sourced after tools.sh.

namespace=valgrid
kube_tools=${VALGRID_KUBE_TOOLS:-}
scratch=$(mktemp -d)
# The directory of the control plane that was started here; empty for somebody else's.
cluster=
cleanup() {
    if [ -n "$cluster" ]; then "$kube_tools/kube-down" "$cluster" >/dev/null 2>&1 || true; fi
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Waits until a command succeeds: seconds, then the command.
eventually() {
    local limit=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$limit" ] || return 1
        sleep 0.5
    done
}

k() { kubectl -n "$namespace" --request-timeout=30s "$@"; }

# Finds the control plane of KUBECONFIG, or starts one; sets api to the versions that it serves.
start_cluster() {
    find_kustomize
    command -v kubectl >/dev/null || fail "install kubectl"
    if [ -z "${KUBECONFIG:-}" ]; then
        [ -x "$kube_tools/kube-up" ] ||
            fail "set KUBECONFIG, or VALGRID_KUBE_TOOLS to a directory with kube-up"
        command -v etcd >/dev/null || debian etcd-server
        cluster=$scratch/cluster
        "$kube_tools/kube-up" "$cluster" >"$scratch/kube-up.log" 2>&1 ||
            fail "$(tail -5 "$scratch/kube-up.log")"
        export KUBECONFIG=$cluster/kubeconfig
    fi
    local server
    server=$(kubectl version -o json 2>/dev/null |
        sed -n '/serverVersion/,$s/.*"gitVersion": "\(.*\)".*/\1/p' | head -1)
    [ -n "$server" ] || fail "no Kubernetes answers"
    echo "Kubernetes $server"
    ! kubectl get namespace "$namespace" >/dev/null 2>&1 ||
        fail "there is a namespace $namespace already"
    api=$(kubectl api-versions 2>/dev/null)
}

# Writes a kustomization that adapts an overlay to the server, and to a trial's patience.
adapt() {
    local directory=$scratch/$1
    mkdir -p "$directory"
    {
        printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n'
        printf 'resources: [%s]\npatches:\n' "$(realpath --relative-to="$directory" "$root/k8s/overlays/$1")"
        # A minute between two steps down and five before the first are right, but not for a trial.
        if [ "$1" != keda ]; then
            cat <<'P'
  - target: {kind: HorizontalPodAutoscaler}
    patch: |-
      - {op: replace, path: /spec/behavior/scaleDown/stabilizationWindowSeconds, value: 10}
      - {op: replace, path: /spec/behavior/scaleDown/policies/0/periodSeconds, value: 5}
P
        fi
        if ! grep -qx autoscaling/v2 <<<"$api" && [ "$1" != keda ]; then
            printf '  - target: {kind: HorizontalPodAutoscaler}\n    patch: |-\n'
            printf '      - {op: replace, path: /apiVersion, value: autoscaling/v2beta2}\n'
        fi
        if ! grep -qx policy/v1 <<<"$api"; then
            printf '  - target: {kind: PodDisruptionBudget}\n    patch: |-\n'
            printf '      - {op: replace, path: /apiVersion, value: policy/v1beta1}\n'
        fi
        printf '  - target: {kind: Namespace}\n    patch: |-\n'
        printf '      - {op: add, path: /metadata/annotations, value: {trial: verify-deploy}}\n'
    } >"$directory/kustomization.yaml"
    "${kustomize[@]}" "$directory" >"$scratch/$1.yaml"
}

# The control plane has nothing that makes disks.
make_disks() {
    local class
    for class in "" managed-csi-premium; do
        kubectl apply -f - >/dev/null <<P
apiVersion: v1
kind: PersistentVolume
metadata: {name: "$1-ledger${class:+-premium}"}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: "$class"
  hostPath: {path: /nonexistent}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: "$1-data${class:+-premium}"}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: "$class"
  hostPath: {path: /nonexistent}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: "$1-users${class:+-premium}"}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: "$class"
  hostPath: {path: /nonexistent}
P
    done
}
