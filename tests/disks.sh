#!/bin/sh
# Real file systems, pulled from under the program: the power is cut (an image copied while it is in use holds what
# had reached the disk) after every acknowledged write and at calls in the midst of one, and disks run full for real.
# Needs Linux, root, loop mounts and strace; minutes. Says what it skips.
#
#   tests/disks.sh            ext4 in three modes and xfs; a full ext4, btrfs and tmpfs
set -eu
cd "$(dirname "$0")/.."
skip() { echo "SKIPPED: $1"; exit 0; }
[ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ] || skip "real disks need Linux and root"
command -v strace >/dev/null || skip "no strace here"
cargo build -q
bin="$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/plandown"
tmp=$(mktemp -d)
trap 'cd /; umount "$tmp/a" "$tmp/b" 2>/dev/null || :; rm -rf "$tmp"' EXIT
mkdir "$tmp/a" "$tmp/b"
acks=0 cuts=0 refused=0

fail() { echo "FAILED ($where): $1"; exit 1; }
plan() { cat "$1"/.task_orchestrator/sessions/*/session.md; }

# The copy of the disk: its plan is whole, has every task that was acknowledged, and the next command goes on.
cut() {
    cp "$tmp/image" "$tmp/copy"
    mount -o "loop$twin" "$tmp/copy" "$tmp/b" || fail "the copy cannot be mounted"
    plan "$tmp/b" >"$tmp/after" || fail "no plan after the power cut"
    while read -r title; do
        grep -qF "] $title " "$tmp/after" || fail "the acknowledged task \`$title\` is gone"
    done <"$tmp/acked"
    grep -q 'the last words' "$tmp/after" || fail "the plan has no end"
    "$bin" --root "$tmp/b" add "after the cut" >/dev/null 2>&1 || fail "the next command failed"
    "$bin" --root "$tmp/b" sync >/dev/null 2>&1 || fail "sync failed"
    "$bin" --root "$tmp/b" reindex --check >/dev/null 2>&1 || fail "the index differs from a rebuild"
    umount "$tmp/b"
    cuts=$((cuts + 1))
}

fresh() { # file system, mount options
    rm -f "$tmp/image"; truncate -s "${3:-128M}" "$tmp/image"
    case $1 in
        ext4) mkfs.ext4 -q "$tmp/image" ;;
        *) "mkfs.$1" -q "$tmp/image" >/dev/null 2>&1 ;;
    esac
    mount -o "loop$2" "$tmp/image" "$tmp/a" || return 1
    "$bin" --root "$tmp/a" init >/dev/null 2>&1
    "$bin" --root "$tmp/a" session create Disk >/dev/null 2>&1
    "$bin" --root "$tmp/a" note add "the last words" >/dev/null 2>&1
    : >"$tmp/acked"
}

for kind in ext4: ext4:,data=journal ext4:,data=writeback xfs:; do
    where=$kind fs=${kind%%:*} options=${kind#*:}
    command -v "mkfs.$fs" >/dev/null || { echo "SKIPPED: no mkfs.$fs"; continue; }
    size=128M twin=
    # A copy has the identity of the original, which xfs must be told to bear.
    [ "$fs" = ext4 ] || size=512M twin=,nouuid
    fresh "$fs" "$options" "$size" || { echo "SKIPPED: $kind cannot be mounted here"; continue; }
    for n in 1 2 3 4 5 6; do
        "$bin" --root "$tmp/a" add "task $n of $fs" >/dev/null && echo "task $n of $fs" >>"$tmp/acked"
        acks=$((acks + 1))
        cut
    done
    # Killed in the midst of a write, and the power cut then.
    n=1
    while [ $n -le 60 ]; do
        calls=openat,write,pwrite64,rename,renameat,renameat2,fsync,fdatasync,unlink,unlinkat,linkat,ftruncate
        strace -qq -f -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=KILL:when=$((n * 3))" \
            "$bin" --root "$tmp/a" add "kill $n of $fs" >/dev/null 2>&1 && echo "kill $n of $fs" >>"$tmp/acked"
        cut
        n=$((n + 7))
    done
    umount "$tmp/a"
    echo "$kind: $cuts power cuts so far"
done

# Full for real: the plan stays as it was and the error says so; with room again everything works.
for fs in ext4 btrfs tmpfs; do
    where="full $fs"
    if [ $fs = tmpfs ]; then
        mount -t tmpfs -o size=8m tmpfs "$tmp/a" && "$bin" --root "$tmp/a" init >/dev/null 2>&1
        "$bin" --root "$tmp/a" session create Disk >/dev/null 2>&1; "$bin" --root "$tmp/a" note add end >/dev/null 2>&1
    else
        command -v "mkfs.$fs" >/dev/null || { echo "SKIPPED: no mkfs.$fs"; continue; }
        size=16M; [ $fs = ext4 ] || size=128M
        fresh $fs "" $size || { echo "SKIPPED: $fs cannot be mounted here"; continue; }
    fi
    "$bin" --root "$tmp/a" add "kept word" >/dev/null 2>&1
    for spare in 0 4 16 64 200; do
        dd if=/dev/zero of="$tmp/a/filler" bs=4k 2>/dev/null || :
        [ $spare = 0 ] || truncate -s "-$((spare * 1024))" "$tmp/a/filler"
        for edit in "add another" "done kept" "note add more" "session create Other" "undo" "sync"; do
            plan "$tmp/a" >"$tmp/before"
            # shellcheck disable=SC2086
            if "$bin" --root "$tmp/a" --json $edit >"$tmp/out" 2>&1; then continue; fi
            refused=$((refused + 1))
            grep -q '"code"' "$tmp/out" || fail "\`$edit\` died without an error: $(cat "$tmp/out")"
            plan "$tmp/a" | cmp -s - "$tmp/before" || fail "\`$edit\` was refused and changed the plan"
        done
        "$bin" --root "$tmp/a" list >/dev/null 2>&1 || fail "reading needs room"
        rm -f "$tmp/a/filler"
        "$bin" --root "$tmp/a" sync >/dev/null 2>&1 || fail "sync failed with room again"
        "$bin" --root "$tmp/a" add "with room $spare" >/dev/null || fail "a write failed with room again"
        "$bin" --root "$tmp/a" reindex --check >/dev/null 2>&1 || fail "the index differs from a rebuild"
        plan "$tmp/a" | grep -q "kept word" || fail "a word is gone"
    done
    umount "$tmp/a"
done
[ "$refused" -gt 0 ] || fail "no disk ever was full"
echo "$acks acknowledged writes, $cuts power cuts, $refused refused for want of room: nothing lost"
