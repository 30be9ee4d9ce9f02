#!/bin/sh
# @{HEAD}
#
# Runs a tool and mails only what is wrong: what is new, what changed, what is settled or gone;
# again what stays wrong; and when the tool itself fails. Silent when all is well. Nothing but sh
# and the usual tools is needed, so the file can be copied to any host (keep a name without a dot).
#
#     @{FILE}             run and mail, as cron does
#     @{FILE} --print     run now, to the terminal: mails nothing, consumes nothing

# --- settings
@{SETTINGS}
# --- variables of the command
@{VARIABLES}
# --- the command, and which of its lines count

write_texts() {
@{TEXTS}
}

# --- the same in every checker from here on

set -u
umask 077
cd / || exit 1
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
# what would have tools speak another language or format all the same
unset LANGUAGE LC_MESSAGES POSIXLY_CORRECT GREP_OPTIONS CDPATH COLUMNS BLOCK_SIZE BLOCKSIZE DF_BLOCK_SIZE
case ${1-} in
'') mode=mail ;;
--print) mode=print ;;
*)
    echo "usage: $0 [--print]" >&2
    exit 2
    ;;
esac
dir=$state/$name
me=$dir/lock.$$
work=''
reason='' # why this run says nothing about the host; empty when it does
detail='' # the same in the words of the tool, which may differ from run to run
now=$(date '+%Y-%m-%dT%H:%M:%S%z %s')
started=${now#* }
now=${now%% *}

complain() { printf 'rotation-%s: %s\n' "$name" "$*" >&2; }

has() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

count() { # the lines of a file, in $lines
    lines=0
    [ -s "$1" ] || return 0
    lines=$(wc -l <"$1") || lines=0
    lines=$((lines + 0))
}

# Which process that is, by its start: its number alone may belong to another one by now.
identity() {
    process=''
    [ ! -r "/proc/$1/stat" ] || read -r process 2>/dev/null <"/proc/$1/stat"
    boot=''
    [ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
    # shellcheck disable=SC2086 # the words after the name, which may hold anything
    set -- "$1" ${process##*') '}
    echo "$1 ${21-} $boot"
}

# Only one at a time: a link is made whole or not at all. A lock whose process is gone is taken
# over. Status 1: another run is at work; 2: there can be no lock here, as on a full disk.
take_lock() {
    if ! identity $$ >"$me" 2>/dev/null || [ ! -s "$me" ]; then return 2; fi
    ln "$me" "$dir/lock" 2>/dev/null && return 0
    if [ ! -e "$dir/lock" ]; then # given back at this moment, or no links on this file system
        ln "$me" "$dir/lock" 2>/dev/null && return 0
        [ -e "$dir/lock" ] || return 2
    fi
    holder=''
    read -r holder 2>/dev/null <"$dir/lock" # empty after a power failure
    pid=${holder%% *}
    case $pid in
    '' | *[!0-9]*) ;;
    *) if kill -0 "$pid" 2>/dev/null && [ "$(identity "$pid")" = "$holder" ]; then return 1; fi ;;
    esac
    mv "$dir/lock" "$me.old" 2>/dev/null || return 1
    if [ "$(cat "$me.old")" = "$holder" ]; then
        rm -f "$me.old"
    else # another run was quicker and this is its lock
        ln "$me.old" "$dir/lock" 2>/dev/null
        rm -f "$me.old"
        return 1
    fi
    ln "$me" "$dir/lock" 2>/dev/null
}

locked=no
# shellcheck disable=SC2317 # the trap runs it
clean_up() {
    if [ "$locked" = yes ]; then
        rm -rf "${work:-$me}" "$dir/lock" "$me"
    elif [ -n "$work" ]; then
        rm -rf "$work"
    fi
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

find_sendmail() {
    program=$sendmail
    for path in /usr/sbin /usr/lib /usr/bin /usr/local/sbin /usr/local/bin; do
        [ -n "$program" ] || [ ! -x "$path/sendmail" ] || program=$path/sendmail
    done
    [ -x "$program" ]
}

headers() { # to whom, subject, event
    host=$(uname -n)
    case $host in *[!A-Za-z0-9.-]*) host=$(printf '%s' "$host" | tr -cd 'A-Za-z0-9.-') ;; esac
    [ ${#host} -le 64 ] || host=$(printf '%s' "$host" | cut -c 1-64)
    host=${host:-unknown}
    printf 'To: %s\nSubject: [%s] %s: %s\n' "$1" "$host" "$name" "$2"
    date '+Date: %a, %d %b %Y %H:%M:%S %z'
    printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n'
    printf 'Auto-Submitted: auto-generated\nPrecedence: bulk\nX-Rotation-Checker: %s; %s\n\n' "$name" "$3"
}

# Where nothing can be written, a mail can still be sent.
cry() {
    complain "$*"
    [ $mode = mail ] || exit 3
    find_sendmail || exit 1
    {
        headers "$to" "checker failed: $*" failed
        printf 'The checker itself failed: %s.\nThis says nothing about the host.\n\n%s\n    %s\n' \
            "$*" "$title" "$0"
    } | "$program" -oi -t || exit 1
    exit 0
}

newline='
'

# The state's folders are ours alone, and made if need be; a link is none.
usable() {
    user=$(id -u)
    set -- "${state%/*}" "$state" "$dir"
    # one look at all of them; where one has to be made, the one around it is looked at before
    rows=''
    [ ! -d "$3" ] || rows=$(ls -ldn "$@" 2>/dev/null) || rows=''
    for folder in "$@"; do
        unusable=$folder # yash forgets the name that a loop in a function has gone through
        [ -d "$folder" ] || mkdir -p "$folder" 2>/dev/null || return 1
        [ -n "$rows" ] || rows=$(ls -ldn "$folder")
        # shellcheck disable=SC2086 # mode, links and owner, in words
        ours ${rows%%"$newline"*} || return 1
        case $rows in *"$newline"*) rows=${rows#*"$newline"} ;; *) rows='' ;; esac
    done
}

ours() {
    case ${1-} in
    d????-??-*) [ "$3" = "$user" ] ;;
    *) return 1 ;;
    esac
}

lock_state() {
    take_lock
    case $? in
    0)
        locked=yes
        set -- "$dir"/lock.*
        if [ $# -gt 1 ] || [ -e "$dir/work" ] || [ -h "$dir/work" ]; then
            rm -rf "$dir/work" "$@" # of runs that were killed
        fi
        ;;
    1)
        rm -f "$me"
        return 1
        ;;
    esac
}

# A run that hangs keeps all later ones away: that is said once a day.
is_stuck() {
    [ "$limit" -lt 86400 ] && [ -n "$(find "$dir/lock" -mtime +0 2>/dev/null)" ] || return 1
    [ -z "$(find "$dir/stuck" -mtime -1 2>/dev/null)" ] || return 1
    : >"$dir/stuck"
}

# Where the tool's output and the mail are going to be. It is there again when the tool begins.
make_room() {
    [ -d "$1" ] || return 1
    printf "%${room}000s" '' 2>/dev/null >"$1/room" || {
        rm -f "$1/room" # what there was room for would fill the disk
        return 1
    }
    printf '' >"$1/room"
}

memory='' # what is wrong with the state folder
unusable=''
if [ $mode = print ]; then
    work=$(mktemp -d) || exit 3
else
    if ! usable; then
        memory="cannot use $unusable: it must be a folder that only the user who runs this can write"
    elif ! lock_state; then
        if is_stuck; then cry 'a run of more than a day ago has not ended, and no other can begin'; fi
        exit 0
    fi
    # a full disk must not make an empty report of a full one
    work=$dir/work
    if [ -n "$memory" ] || [ $locked = no ] || ! mkdir "$work" "$work/tmp" "$work/kept" 2>/dev/null ||
        ! make_room "$work"; then
        [ $locked = no ] || rm -rf "$work"
        work=''
        for place in /run "${TMPDIR:-/tmp}"; do
            work=$(mktemp -d "$place/rotation-$name.XXXXXX" 2>/dev/null) || continue
            if make_room "$work"; then break; fi
            rm -rf "$work"
            work=''
        done
        [ -n "$work" ] || cry "cannot write $room KB in $dir, /run or ${TMPDIR:-/tmp} (is the disk full?)"
    fi
    if [ -n "$memory" ]; then # as if there had been no run before
        dir=$work/memory
        mkdir "$dir" || cry "$memory"
    fi
fi
[ -d "$work/kept" ] || mkdir "$work/tmp" "$work/kept" || cry "cannot write in $work (is the disk full?)"
[ $mode = print ] || [ -d "$dir/kept" ] || [ ! -d "$dir/kept.old" ] || mv "$dir/kept.old" "$dir/kept" # of a run that was killed
[ ! -d "$dir/kept" ] || cp -R "$dir/kept/." "$work/kept/" || cry "cannot copy $dir/kept to $work (is the disk full?)"
for part in filter ignore normalise about alarm low once run; do : >"$work/$part"; done
for part in raw seen unknown must doubt; do : >"$work/$part"; done
write_texts

# What the command may use: an empty folder $tmp; a folder $kept, which the next run finds as this one
# leaves it; `must` before what has to work; `fail` where it cannot go on; `journal` for what is new in
# the journal; the files $seen, for what was looked at, and $unknown, for lines it does not know;
# $looking, yes where somebody looks by hand.
cat >"$work/start" <<'ROTATION_END'
umask 022
tmp=$1/tmp kept=$1/kept seen=$1/seen unknown=$1/unknown looking=$2 rotation_must=$1/must
# what runs in the background still has something to say when the command is through
trap wait EXIT
must() {
    "$@" || {
        set -- "$?" "$1"
        [ "$1" = 141 ] || echo "$2 ended with status $1" >>"$rotation_must"
        return "$1"
    }
}
fail() {
    echo "$1" >>"$rotation_must"
    cat <<END
${2-}
END
    exit 125
}
# File, days, options of journalctl: the file gets a line for each entry since the last run, and in
# the first run of so many days: seconds, program[process]: message. Nobody writes a journal that is
# as silent as a good one, so an entry of this moment has to be in it.
journal() {
    rotation_file=$1 rotation_days=$2 rotation_status=0
    shift 2
    rotation_probe="reading the journal, $$ $(date +%s)"
    printf '%s\n' "$rotation_probe" | systemd-cat -t rotation || fail "systemd-cat ended with status $?"
    journalctl --sync >/dev/null 2>&1 || :
    journalctl -o cat --no-pager --show-cursor -n 1 -t rotation >"$tmp/probe" 2>&1 || rotation_status=$?
    [ "$rotation_status" -eq 0 ] || fail "journalctl ended with status $rotation_status" "$(cat "$tmp/probe")"
    [ "$(sed 1q "$tmp/probe")" = "$rotation_probe" ] ||
        fail 'the journal does not show what was written to it just now' "$(cat "$tmp/probe")"
    if [ -s "$kept/cursor" ]; then
        set -- "$(cat "$kept/cursor")" "$@"
    else
        set -- --since="-${rotation_days}d" "$@"
    fi
    journalctl -o short-unix --no-hostname --no-pager --show-cursor "$@" >"$tmp/journal" 2>&1 || rotation_status=$?
    # before systemd 253, status 1 is also that of no entries
    [ "$rotation_status" -eq 0 ] || { [ "$rotation_status" -eq 1 ] && [ "$(cat "$tmp/journal")" = '-- No entries --' ]; } ||
        fail "journalctl ended with status $rotation_status" "$(cat "$tmp/journal")"
    # go on after what was shown last; where that is nothing, at the probe: before systemd 253,
    # --after-cursor loses an entry if that of the cursor is none of those asked for
    {
        sed -n 's/^-- cursor: /--cursor=/p' "$tmp/probe"
        sed -n 's/^-- cursor: /--after-cursor=/p' "$tmp/journal"
    } | tail -n 1 >"$kept/cursor"
    [ -s "$kept/cursor" ] || fail 'journalctl shows no cursor' "$(cat "$tmp/probe")"
    # lines of one entry are joined
    awk -v unknown="$unknown" '
        /^-- (cursor: |Boot |No entries)/ { next }
        /^[0-9]+[.][0-9]+ rotation\[[0-9]+\]: reading the journal, / { next }
        /^[0-9]+[.][0-9]+ [^ ]/ { if (NR > 1 && entry != "") print entry; entry = $0; next }
        entry != "" && /^ / { sub(/^ +/, " "); entry = entry $0; next }
        NF { print >>unknown }
        END { if (entry != "") print entry }' "$tmp/journal" >"$rotation_file"
}
ROTATION_END
if [ "$pipefail" = yes ]; then
    echo 'if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi' >>"$work/start"
fi

# --- run the tool

stops='' # whether there is a timeout here that can be used, asked once
can_stop() {
    if [ -z "$stops" ]; then
        stops=no
        if timeout 9 true 2>/dev/null; then stops=yes; fi
    fi
    [ $stops = yes ]
}

run_tool() {
    # somebody at a terminal waits, and stops it with ^C, which a time limit would keep off
    [ $mode = mail ] || [ ! -t 0 ] || limit=0
    set -- nice -n 10 ionice -c 3
    [ "$limit" -eq 0 ] || set -- "$@" timeout -k 30 "$limit"
    if ! "$@" true 2>/dev/null; then # then what there is of it
        set --
        if nice -n 10 true 2>/dev/null; then set -- nice -n 10; fi
        if ionice -c 3 true 2>/dev/null; then set -- "$@" ionice -c 3; fi
        if [ "$limit" -eq 0 ]; then
            :
        elif timeout -k 30 9 true 2>/dev/null; then
            set -- "$@" timeout -k 30 "$limit"
        elif can_stop; then
            set -- "$@" timeout "$limit"
        fi
    elif [ "$limit" -ne 0 ]; then
        stops=yes
    fi
    case $(locale -a 2>/dev/null) in *C.utf8* | *C.UTF-8*) language=C.UTF-8 ;; *) language=C ;; esac
    looking=no
    [ $mode = mail ] || looking=yes
    # shellcheck disable=SC2016 # $1 is that shell's
    LC_ALL=$language "$@" /bin/sh -c '. "$1/start"; . "$1/run"' "rotation-$name" "$work" $looking \
        >"$work/raw" 2>&1 </dev/null
}

# A tool that tells a thing once is not asked in vain: what somebody sees by hand is mailed as well.
keeps=no
if [ $mode = print ] && [ -s "$work/once" ] && ! grep -q -E 'looking|[$]([{])?kept|^ *journal ' "$work/run"; then
    if ! usable || ! lock_state || [ $locked = no ] || ! make_room "$dir" || ! make_room "$work"; then
        complain "not run: what it tells once would be in no mail, for $dir cannot be used now"
        exit 3
    fi
    rm -f "$dir/room"
    keeps=yes
fi

# What somebody has set at the top: a wrong value must not switch a check off.
vet_values() {
    for rule in $numbers; do # NAME:LEAST:MOST
        key=${rule%%:*} most=${rule##*:}
        least=${rule#*:}
        least=${least%:*}
        eval "value=\$$key"
        case $value in '' | *[!0-9]* | ??????????*) value=-1 ;; esac
        [ "$value" -ge "$least" ] && [ "$value" -le "$most" ] || reason="$key must be a whole number, $least to $most"
    done
    for key in $expressions; do
        eval "value=\$$key"
        tried=2
        [ -z "$value" ] || { printf '@{UNLIKE}' | grep -v -q -E -e "$value" 2>/dev/null && tried=0 || tried=$?; }
        case $tried in
        0) ;;
        1) reason="$key must not match every line" ;;
        *) reason="$key must be a regular expression, as of grep -E" ;;
        esac
    done
}

status=0
vet_values
for need in awk sed grep tr wc paste $needs; do
    here=no
    case $need in *'|'*) need_one=$(echo "$need" | tr '|' ' ') ;; *) need_one=$need ;; esac
    for program in $need_one; do # one of them will do
        if command -v "$program" >/dev/null 2>&1; then here=yes; fi
    done
    [ $here = yes ] || reason="$need not found"
done
[ -n "$reason" ] || run_tool || status=$?
took=$(($(date +%s) - started))
# killed by signal N is 128+N in most shells, 256+N in ksh93 and 384+N in yash
[ "$status" -lt 256 ] || status=$((status % 128 + 128))
# with pipefail, of a command whose reader had enough
[ "$pipefail" = no ] || [ "$status" != 141 ] || status=0

# --- from its output to the lines that count

cleaned() { # a file's lines without colours and control characters, and a last line
    control=$(printf '\033\007')
    esc=${control%?} bel=${control#?}
    {
        tr -d '\000' <"$1"
        printf '\n%s\n' "$2"
    } | tr '\r\t\f\v' '\n   ' |
        sed "s/$esc\\[[0-9;:?<=>]*[ -\\/]*[@-~]//g; s/$esc][^$bel$esc]*$bel//g; s/$esc][^$bel$esc]*$esc\\\\//g" |
        tr -d '\001-\010\013-\037\177' | sed 's/ *$//; /^$/d'
}
clean() {
    [ -s "$1" ] || return 0
    cleaned "$1" ROTATION_END >"$work/all" # has all of it come through?
    [ "$(tail -n 1 "$work/all")" = ROTATION_END ] || return 1
    sed '$d' "$work/all"
}
printed() { # what the tool has said, also where there was no room to write it anew
    if [ -n "$unread" ]; then cleaned "$work/raw" ''; else cat "$work/said"; fi
}
unread=''
clean "$work/raw" >"$work/said" || unread=yes
for part in must unknown seen; do
    [ -s "$work/$part" ] || continue
    clean "$work/$part" >"$work/clean" || unread=yes
    mv "$work/clean" "$work/$part"
done
# what the tool could not write, for want of room, it may have found all the same
printf '%9999s' '' 2>/dev/null >"$work/more" || unread=yes

# How programs say that they have failed: what a filter throws away of this may be all that a tool
# had to say. The lines of a log begin with a date, and are none of these.
name_first='^([a-z0-9_./+-]+: )'
complaint="$name_first*(fatal|fatal error|error|panic|e): "
complaint="$complaint|$name_first*(cannot|can't|could not|couldn't|unable to|failed to|unknown option|unrecognized option|invalid option) "
complaint="$complaint|$name_first+(.*: )?((command )?not found|no such file or directory|no such device|permission denied|operation not permitted)\$"
complaint="$complaint|$name_first+(.*: )?(input/output error|connection refused|connection timed out|no space left on device)\$"
complaint="$complaint|^usage: *[a-z/]|^traceback [(]most recent|^error [0-9]+ |^segmentation fault|^(permission denied|command not found|killed)\$"

judge() {
    case $status in
    126) reason='a program could not be run' ;;
    127) reason='a program was not found' ;;
    124) reason="no end within $limit seconds" ;;
    137) reason='killed' ;;
    *)
        if has "$status" "$failed"; then
            reason="exit status $status"
        elif [ "$status" -gt 128 ] && [ "$status" -lt 160 ] && ! has "$status" "$good"; then
            reason="killed by signal $((status - 128))"
        fi
        ;;
    esac
    case $status in # busybox's timeout ends with the tool's own status
    137 | 143) [ "$limit" -eq 0 ] || [ "$took" -lt "$limit" ] || reason="no end within $limit seconds" ;;
    esac
    if [ -s "$work/must" ] && { [ -z "$reason" ] || [ "$status" = 125 ]; }; then
        reason=$(sed 1q "$work/must")
    fi
    [ -n "$reason" ] || [ -z "$unread" ] || reason='its output could not be read'
}

choose() {
    if [ -s "$work/said" ] && ! cp "$work/said" "$work/lines"; then
        reason='its output could not be read'
        return 0
    fi
    if [ -s "$work/filter" ]; then
        grep -E -f "$work/filter" "$work/said" >"$work/lines" 2>/dev/null
        [ $? -lt 2 ] || return 1
        if [ "$signal" != exit ] && [ -s "$work/said" ]; then
            grep -v -E -f "$work/filter" "$work/said" | grep -i -E -e "$complaint" >"$work/doubt"
        fi
    fi
    if [ -s "$work/ignore" ]; then
        for part in lines doubt; do
            [ $part = lines ] || [ -s "$work/doubt" ] || continue
            mv "$work/$part" "$work/all"
            grep -v -E -f "$work/ignore" "$work/all" >"$work/$part" 2>/dev/null
            [ $? -lt 2 ] || return 1
        done
    fi
    if has "$status" "$good"; then
        [ "$signal" != exit ] || : >"$work/lines"
    elif [ ! -s "$work/lines" ] || [ "$signal" = change ]; then
        # nothing found, or not all of it: that is no health
        reason="exit status $status"
    elif [ "$signal" != output ]; then
        echo "exit status $status" >>"$work/lines"
    fi
}

# What is compared: the lines without what changes from run to run.
keys=$work/lines
make_keys() {
    [ -s "$work/normalise" ] || return 0
    keys=$work/keys
    sed -E -f "$work/normalise" "$work/lines" >"$keys" 2>/dev/null || return 1
    # a script that deletes or adds lines: compare and show its result
    count "$keys"
    compared=$lines
    count "$work/lines"
    [ "$compared" -eq "$lines" ] || cp "$keys" "$work/lines"
}

: >"$work/lines"
[ -n "$reason" ] || judge
if [ -z "$reason" ]; then choose || reason='the filter is not a regular expression'; fi
: >"$work/missed"
if [ $mode = mail ] && [ -s "$dir/missed" ]; then cp "$dir/missed" "$work/missed"; fi
if [ -z "$reason" ] && [ -s "$work/missed" ]; then
    # told once by the tool, and not mailed yet
    cat "$work/missed" "$work/lines" >"$work/all"
    mv "$work/all" "$work/lines"
fi
if [ -z "$reason" ]; then make_keys || reason='the normalising script is wrong'; fi
hard=no # a failure of which nothing is believed
if [ -n "$reason" ]; then
    hard=yes
    : >"$work/lines"
    detail=$(printed | tail -n 1)
    case $reason in
    killed* | 'no end'*) detail='' ;;
    *) case $detail in *"$reason"*) detail='' ;; esac ;;
    esac
fi
# what was found counts; that the rest is well is not known
trusted=yes
if [ "$signal" = output ] && ! has "$status" "$good"; then trusted=no; fi
if [ -z "$reason" ] && [ -s "$work/unknown" ]; then
    trusted=no
    reason='unknown output'
    detail=$(sed 1q "$work/unknown")
elif [ -z "$reason" ] && [ -s "$work/doubt" ]; then
    trusted=no
    reason='its tool may have failed'
    detail=$(sed 1q "$work/doubt")
fi

# For awk: where to cut, so that it is not within a character; and a text without broken UTF-8,
# control characters of two bytes and marks that turn the writing round.
characters='
    function fit(s, from, most, back, size) {
        size = most
        while (size > most - back && substr(s, from + size, 1) ~ /[\200-\277]/) size--
        return size
    }
    function sound(rest, s) {
        if (rest !~ /[\200-\377]/) return rest
        while (rest != "") {
            if (match(rest, /^([\001-\177]|[\303-\337][\200-\277]|\302[\240-\277]|\340[\240-\277][\200-\277]|[\341\343-\354\356\357][\200-\277][\200-\277]|\342[\202-\277][\200-\277]|\342\200[\200-\247\257-\277]|\342\201[\200-\245\252-\277]|\355[\200-\237][\200-\277]|\360[\220-\277][\200-\277][\200-\277]|[\361-\363][\200-\277][\200-\277][\200-\277]|\364[\200-\217][\200-\277][\200-\277])+/)) {
                s = s substr(rest, 1, RLENGTH)
                rest = substr(rest, RLENGTH + 1)
            } else if (match(rest, /^(\302[\200-\237]|\342\200[\250-\256]|\342\201[\246-\251])/)) {
                rest = substr(rest, RLENGTH + 1)
            } else {
                s = s "?"
                rest = substr(rest, 2)
            }
        }
        return s
    }
'

# Sound text; long lines are cut in pieces, endless ones at so many bytes (0: never). With a mark
# before each line, and so many of the lines (0: all).
tidy() { # bytes, mark, lines
    awk -v most="$1" -v mark="${2-}" -v lines="${3-0}" "$characters"'
    function put(s, from, size) {
        for (from = 1; length(s) - from >= 900; from += size) {
            size = fit(s, from, 900, 10)
            print sound(substr(s, from, size))
        }
        print sound(substr(s, from))
    }
    lines > 0 && NR > lines { next }
    {
        line = mark $0
        more = most ? length(line) - most : 0
        put(more > 0 ? substr(line, 1, most) : line)
        if (more > 0) print "[" more " more bytes]"
    }
    END { if (lines > 0 && NR > lines) print "  ... " NR - lines " more lines" }'
}

shorten() { # the first line, or the first finding of a file, as sound text of so many bytes at most
    awk -v most="$1" -v finding="${2+yes}" "$characters"'
    function put(s) {
        if (length(s) > 900) s = substr(s, 1, fit(s, 1, 900, 10))
        s = sound(s)
        if (length(s) > most) s = substr(s, 1, fit(s, 1, most - 3, 5)) "..."
        print s
    }
    NR == 1 { line = $0 }
    finding == "" || !/^exit status [0-9]*( *\(.*\))?$/ {
        line = $0
        exit
    }
    END {
        if (finding != "") {
            sub(/  \(since [^)]*\)$/, "", line)
            sub(/  \(known until [^)]*\)$/, "", line)
        }
        put(line)
    }' ${2+"$2"}
}

# What a tool tells once and no mail has told yet.
untold() {
    if [ $hard = yes ] || [ $mode = print ]; then
        [ ! -e "$dir/missed" ] || cat "$dir/missed"
    fi
    if [ $hard = yes ]; then
        printed
    elif [ $mode = print ]; then
        grep -E -f "$work/once" "$work/lines"
    else
        cat "$work/told"
    fi
}

# It is for the next mail. Where it cannot be kept, whoever reads stderr is the last to hear of it.
keep_missed() {
    if [ $hard = yes ] && [ ! -s "$work/once" ]; then return; fi
    if [ $hard = no ] && [ $mode = mail ] && [ ! -s "$work/told" ]; then return; fi
    if [ -z "$memory" ]; then
        untold >"$dir/missed.new"
        if [ -e "$dir/missed.new" ] && [ "$(untold | wc -c)" = "$(wc -c <"$dir/missed.new")" ]; then
            mv -f "$dir/missed.new" "$dir/missed" && return
        fi
    fi 2>/dev/null
    rm -f "$dir/missed.new"
    complain "cannot keep for the next mail, in $dir, what is told only once:"
    untold | tidy 0 >&2
    return 1
}

if [ $mode = print ]; then
    if [ $keeps = yes ]; then keep_missed; fi
    if [ $hard = yes ]; then printed | tidy 0; else tidy 0 <"$work/lines"; fi
    if [ -n "$reason" ]; then
        complain "the checker failed: $reason${detail:+: $detail}"
        exit 3
    fi
    if [ "$digest" = yes ]; then exit 0; fi
    if [ "$signal" = change ]; then # that something is there is no fault
        if [ -s "$work/alarm" ] && grep -q -E -f "$work/alarm" "$work/lines"; then exit 1; fi
        exit 0
    fi
    if [ -s "$work/lines" ]; then exit 1; fi
    exit 0
fi

# --- what has happened since last time

# known: since, key, line, runs and marks of what the last mail left wrong, with tabs between them;
# facts: a word and its value; seen: what was looked at; history: which of the last runs had a key.
load() {
    mailed='' found='' silent=0 failing='' failures=0 waiting=0 made='' excused=no
    known=$dir/known before=$dir/seen history=$dir/history
    [ -e "$known" ] || known=/dev/null
    [ -e "$before" ] || before=/dev/null
    [ -e "$history" ] || history=/dev/null
    [ ! -e "$dir/facts" ] || while read -r word value; do
        case $word in
        mailed) mailed=$value ;;
        found) found=$value ;;
        silent) silent=$value ;;
        failing) failing=$value ;;
        failures) failures=$value ;;
        waiting) waiting=$value ;;
        made) made=$value ;;
        excused) excused=$value ;;
        esac
    done <"$dir/facts"
    for word in "$silent" "$failures" "$waiting"; do
        case $word in '' | *[!0-9]*) silent=0 failures=0 waiting=0 ;; esac
    done
}

# Which lines an expression names: "WORD NUMBER REST" in marks.
mark() { # word, rest, file of lines, how grep is to look
    word=$1 rest=$2 file=$3
    shift 3
    grep -n "$@" "$file" >"$work/numbers" 2>/dev/null
    [ $? -lt 2 ] || return 1
    sed "s/:.*//; s/^/$word /; s/\$/ $rest/" "$work/numbers" >>"$work/marks"
}

mark_lines() {
    : >"$work/marks"
    for part in alarm low once; do
        [ ! -s "$work/$part" ] || mark $part '' "$work/lines" -E -f "$work/$part" || return 1
    done
    [ -e "$dir/acks" ] || return 0
    tab=$(printf '\t')
    while IFS=$tab read -r until shown how text; do
        case $until in '' | *[!0-9]*) continue ;; esac
        [ "$until" -gt "$started" ] || continue
        shown=$(printf '%s' "$shown" | tr -cd 'A-Za-z0-9 .:+-')
        # an expression that is none excuses nothing
        case $how in
        line) mark ack "$shown" "$keys" -x -F -e "$text" ;;
        match) mark ack "$shown" "$work/lines" -E -e "$text" ;;
        esac || :
    done <"$dir/acks"
}

empty_results() {
    for part in new slight slightnext ended told came gone unsaid instead settled went still late reached acked unseen \
        pending next history; do
        : >"$work/$part"
    done
}

compare() {
    mark_lines || return 1
    pairs=/dev/null topics=/dev/null
    set -- "$keys" "$work/lines"
    if [ -s "$work/about" ]; then
        # where a line comes as another one goes that is about the same, none is settled
        sed -E -f "$work/about" "$work/lines" >"$work/subjects" || return 1
        set -- "$@" "$work/subjects"
        cut -f 3 "$known" >"$work/old"
        topics=$work/before
        sed -E -f "$work/about" "$work/old" >"$topics" || return 1
    fi
    if [ -s "$work/lines" ]; then
        pairs=$work/pairs
        paste "$@" >"$pairs" || return 1
        count "$pairs"
        paired=$lines
        count "$work/lines"
        [ "$paired" -eq "$lines" ] || return 1
    fi
    summer='cksum'
    command -v cksum >/dev/null || summer='wc -c'
    sum=$(
        {
            cat "$work/run" "$work/filter" "$work/ignore" "$work/normalise"
            echo "$signal; $good; $failed"
            for key in $variables; do eval "printf '%s\n' \"\$$key\""; done
        } | $summer
    )
    same=yes
    if [ "$known" != /dev/null ] && [ "$made" != "$sum" ]; then same=no; fi
    awk -F '\t' -v now="$now" -v out="$work/" -v signal="$signal" -v trusted="$trusted" -v same="$same" \
        -v digest="$digest" -v times="$times" -v within="$within" -v watch="$watch" -v escalate="$escalate" '
    function put(file, line) { print line > (out file) }
    function day(instant) { return substr(instant, 1, 10) " " substr(instant, 12, 5) }
    function remember(key, line, marks) {
        put("next", (key in since ? since[key] : now) "\t" key "\t" line "\t" runs[key] + 1 "\t" marks)
    }
    function object(line, name, longest) { # what it is about, of all that was looked at
        for (name in seen)
            if (length(name) > length(longest) && (line == name || index(line, name ": ") == 1)) longest = name
        return longest
    }
    function steady(key, here, bits) { # has it been there often enough?
        if (within <= 1) return here
        bits = past[key]
        if (!(key in past) && key in since) while (length(bits) < within) bits = bits "1"
        if (key in done) return done[key]
        bits = bits here
        if (length(bits) > within) bits = substr(bits, length(bits) - within + 1)
        if (index(bits, "1")) put("history", key "\t" bits)
        return done[key] = gsub("1", "", bits) >= times
    }
    part == "subjects" { subject[++q] = $0 }
    part == "known" {
        row++
        if (signal == "output" && $5 == "" && $2 ~ /^exit status [0-9]+$/) next # of scripts older than this
        if ($2 ~ /^exit status [0-9]+$/) status_before = $2
        since[$2] = $1
        old[++n] = $2
        topic[n] = subject[row]
        was[n] = $3
        runs[$2] = $4 + 0
        marks[$2] = $5
    }
    part == "before" { seen_before[++m] = $0 }
    part == "history" { past[$1] = $2 }
    part == "seen" { seen[$0] = 1; objects++ }
    part == "marks" {
        split($0, word, " ")
        rest = $0
        sub(/^[a-z]+ [0-9]+ */, "", rest)
        marked[word[1], word[2]] = word[1] == "ack" ? rest : 1
    }
    part == "pairs" {
        key = $1 == "" ? $2 : $1
        here[key] = 1
        if (("once", FNR) in marked || digest == "yes") { put("told", $2); next }
        if (signal == "change" && !(("alarm", FNR) in marked)) {
            if (!(key in since) && !(("ack", FNR) in marked)) put("came", $2)
            remember(key, $2, "item")
            next
        }
        status = $2 ~ /^exit status [0-9]+$/ && signal != "output"
        about = object($2) == "" ? "" : " about"
        if (!steady(key, 1)) { put("pending", $2); next }
        # the exit status goes with what was said
        excuse = ("ack", FNR) in marked ? marked["ack", FNR] : (status && others == 0 ? excused : "")
        if (excuse != "") {
            excused = excuse
            if (!status) put("acked", $2 "  (known until " excuse ")")
            remember(key, $2, "wrong acked" about)
            next
        }
        others++
        if (!(key in since)) {
            can_wait = ("low", FNR) in marked || (status && !urgent && slight)
            put(can_wait ? "slight" : "new", $2 (status && status_before != "" ? " (before: " substr(status_before, 13) ")" : ""))
            if (can_wait) {
                slight++
                put("slightnext", now "\t" key "\t" $2 "\t1\twrong" about)
                next
            }
            if (about) fresh[object($2)] = 1
            if ($3 != "") renewed[$3] = 1
            urgent++
        } else if (marks[key] ~ /acked/) {
            urgent++
            put("ended", $2 "  (since " day(since[key]) ")")
        } else put("still", $2 "  (since " day(since[key]) ")")
        if (escalate && runs[key] + 1 >= escalate) put("late", $2)
        if (escalate && runs[key] + 1 == escalate) put("reached", $2)
        remember(key, $2, "wrong" about)
    }
    END {
        for (i = 1; i <= n; i++) {
            key = old[i]
            if (key in here) continue
            item = marks[key] ~ /item/ || (marks[key] == "" && signal == "change")
            if (trusted != "yes") {
                put("unseen", was[i])
                remember(key, was[i], marks[key])
            } else if (item) put("went", was[i])
            else if (steady(key, 0)) {
                put("still", was[i] "  (since " day(since[key]) ", not in this run)")
                remember(key, was[i], marks[key])
            } else if (was[i] ~ /^exit status [0-9]+$/) lone = was[i]
            else if (same != "yes") { lost++; put("unsaid", was[i]) }
            else if ((objects || m) && (marks[key] ~ /about/ || marks[key] == "") && object(was[i]) == "") {
                lost++
                put("gone", was[i])
                split(was[i], word, ": ")
                told[word[1]] = 1
            } else if ((marks[key] ~ /about/ && object(was[i]) in fresh) || topic[i] in renewed) put("instead", was[i])
            else { mended++; put("settled", was[i]) }
        }
        if (lone != "" && !lost && !mended && !others) put(same == "yes" ? "settled" : "unsaid", lone)
        if (watch == "yes" && trusted == "yes")
            for (i = 1; i <= m; i++)
                if (!(seen_before[i] in seen) && !(seen_before[i] in told))
                    put("gone", seen_before[i] ": was there last time")
        for (key in past) if (!(key in done) && within > 1) {
            if (trusted == "yes") steady(key, 0)
            else put("history", key "\t" past[key])
        }
    }
    ' part=subjects "$topics" part=known "$known" part=before "$before" part=history "$history" part=seen "$work/seen" \
        part=marks "$work/marks" part=pairs "$pairs" || return 1
    # what can wait does, until there is a mail anyway or a week is over
    weighed=no
    if [ -s "$work/slight" ]; then
        if [ -s "$work/new" ] || [ -s "$work/ended" ] || [ $((waiting + 1)) -ge "$wait" ]; then
            weigh
        fi
    fi
    tallies
}

weigh() { # what could wait is told with this mail
    cat "$work/slight" >>"$work/new"
    cat "$work/slightnext" >>"$work/next"
    weighed=yes
}

tallies() {
    news=0 gone=0 settled=0 went=0 still=0 acked=0 unseen=0
    for part in new ended told came; do tally $part && news=$((news + lines)); done
    for part in gone unsaid; do tally $part && gone=$((gone + lines)); done
    for part in settled went still acked unseen; do tally $part && eval "$part=$lines"; done
    return 0
}

# How many findings; the line with the exit status counts only where it is alone.
tally() { # part; sets $lines
    lines=0
    [ -s "$work/$1" ] || return 1
    lines=$(grep -c -v '^exit status [0-9]*\( *(.*)\)\{0,1\}$' "$work/$1")
    [ "${lines:-0}" -gt 0 ] || lines=1 # a tool may print such a line as well
}

is_excused() { # the failure, by somebody who knows of it
    [ -e "$dir/acks" ] || return 1
    awk -F '\t' -v now="$started" -v what="checker failed: $reason" \
        '$1 + 0 > now && $3 == "line" && $4 == what { found = 1 } END { exit !found }' "$dir/acks"
}

due() { [ "$every" -gt 0 ] && [ $((silent + 1)) -ge "$every" ]; } # to be said again

decide() {
    event=none
    excused_now=no
    empty_results
    news=0 gone=0 settled=0 went=0 still=0 acked=0 unseen=0
    if [ $hard = no ] && ! compare; then
        reason='its lines could not be compared'
        hard=yes
    fi
    if [ $hard = yes ]; then
        :
    elif [ "$digest" = yes ]; then
        event=digest
    elif [ "$signal" = change ] && [ "$known" = /dev/null ] && [ -s "$work/came" ] && [ -z "$reason" ]; then
        event=first
    elif [ "$news" -gt 0 ]; then
        event=new
        if [ "$signal" = change ] || [ -s "$known" ]; then event=changed; fi
    elif [ $((gone + settled + went)) -gt 0 ]; then
        event=changed
        if [ $((gone + went + still + acked + unseen)) -eq 0 ] && [ -z "$reason" ]; then event=cleared; fi
        if [ $((settled + went)) -eq 0 ]; then event=gone; fi
    elif [ -s "$work/reached" ]; then
        event=escalated
    elif [ "$still" -gt 0 ] && due; then
        event=unchanged
    fi
    if [ -z "$reason" ]; then
        failures=0
        if [ $event = none ] && [ -n "$failing" ]; then event=recovered; fi
        if [ $event = none ] && [ "$heartbeat" -gt 0 ] && [ $((silent + 1)) -ge "$heartbeat" ]; then event=heartbeat; fi
    else
        failures=$((failures + 1))
        case $event in none | unchanged)
            if is_excused; then
                excused_now=yes
            elif [ "$reason" = "$failing" ]; then
                if due || [ "$excused" = yes ]; then event=failing; fi
            elif [ $failures -ge "$times" ]; then
                event=failed
            else
                reason_shown=$failing
            fi
            ;;
        esac
    fi
}

# --- the mail

# how many of its findings, in $amount
many() { if [ "$1" -eq 1 ]; then amount="$1 $2$noun"; else amount="$1 $2$nouns"; fi; }

runs() { # in $amount
    amount="$((silent + 1)) runs"
    [ "$silent" -gt 0 ] || amount='1 run'
}

first_of() { # most bytes, files: $first is the first finding of the first of them that has one
    first='' most=$1
    shift
    for part in "$@"; do
        [ -s "$work/$part" ] || continue
        first=$(shorten "$most" "$work/$part")
        return
    done
}

# What stands in brackets behind the subject: each where there are more than so many.
add() { list="$list${list:+, }$1"; }
add_more() { [ "$1" -le "$3" ] || add "$1 $2"; }
add_of() {
    [ "$1" -gt 1 ] || return 0
    many "$1" "$2"
    add "1 of $amount"
}

what_happened() { # $subject
    list=''
    first_of 90 new told ended came gone unsaid settled went acked unseen still
    line=$first
    case $event in
    new) add_of "$news" 'new ' ;;
    changed)
        if [ "$news" -gt 0 ]; then
            case $line in
            'exit status '*)
                if [ -s "$work/still" ]; then
                    first_of 70 still
                    line="$first: $line"
                fi
                ;;
            esac
            add_of "$news" 'new '
            if [ -s "$work/ended" ] && [ ! -s "$work/new" ] && [ ! -s "$work/told" ]; then line="no longer excused: $line"; fi
            add_more "$gone" gone 0
        else
            if [ "$gone" -gt 0 ]; then
                if [ -s "$work/gone" ]; then line="gone, not mended: $line"; else line="no longer said: $line"; fi
                add_of "$gone" 'gone '
            elif [ "$settled" -gt 0 ]; then line="settled: $line"; else line="gone: $line"; fi
        fi
        add_more "$settled" settled $((news + gone == 0))
        add_more "$went" gone $((news + gone + settled == 0))
        ;;
    gone)
        if [ -s "$work/gone" ]; then line="gone, not mended: $line"; else line="no longer said: $line"; fi
        add_of "$gone" 'gone '
        ;;
    first)
        count "$work/came"
        many "$lines" ''
        if [ -s "$work/new" ]; then add "first look, $amount"; else line="first look, $amount"; fi
        ;;
    unchanged)
        line="still: $line"
        add_of "$still" ''
        ;;
    escalated)
        first_of 90 reached
        line="still after $escalate runs: $first"
        ;;
    cleared)
        line="cleared: $line"
        add_of "$settled" ''
        ;;
    failed | failing)
        line='checker failed'
        [ $event = failed ] || line='checker still fails'
        line="$line: $reason"
        [ -z "$detail" ] || line="$line$(printf ': %s\n' "$detail" | shorten 90)"
        ;;
    recovered) line='checker works again' ;;
    heartbeat)
        runs
        line="heartbeat, $amount without news"
        ;;
    digest) line=digest ;;
    esac
    case $event in
    unchanged | escalated) ;;
    *) add_more "$still" 'still wrong' 0 ;;
    esac
    add_more "$acked" known 0
    [ -z "$memory" ] || [ "$reason" = "$memory" ] || add 'no memory'
    case $event in failed | failing) ;; *) [ -z "$reason" ] || add 'checker failed' ;; esac
    subject="$line${list:+ ($list)}"
}

# A subject that is not ASCII, as RFC 2047 has it: words of at most 75 characters.
encode() { # in $encoded
    encoded=$1
    case $1 in *[!\ -~]* | *=\?*) ;; *) return ;; esac # which a line may hold by itself, to show another one
    encoded=$(printf '%s' "$1" | od -A n -v -t x1 | tr -d ' \n' | awk '{
        for (i = 1; i <= length($0); i += 2) {
            byte = substr($0, i, 2)
            if (length(word) > 50 && byte !~ /^[89ab]/) { put(); word = "" }
            word = word "=" toupper(byte)
        }
        put()
    }
    function put() { printf "%s=?UTF-8?Q?%s?=", words++ ? "\n " : "", word }')
}

section() { # title, file, mark before each line, most lines (0: all), most bytes of a line (0: all)
    [ -s "$2" ] || return 0
    printf '%s\n\n' "$1"
    tidy "$5" "$3 " "$4" <"$2"
    echo
}

body() {
    [ -z "$memory" ] || printf 'This checker has no memory: %s. So each run tells everything.\n\n' "$memory"
    if [ -n "$reason" ] && [ "$reason" != "$memory" ]; then
        printf 'The checker itself failed: %s. This says nothing about the host.\n\n' "$reason${detail:+: $detail}" | tidy 0
        section 'Lines that it does not know:' "$work/unknown" ' ' 0 0
        [ $hard = yes ] || section 'The filter passes these over; --ignore says that they mean nothing:' "$work/doubt" ' ' 0 4500
        if [ $hard = yes ]; then
            if [ -s "$work/once" ]; then section 'Told in runs before, and not mailed yet:' "$work/missed" ' ' 0 0; fi
            if [ -z "$unread" ]; then
                section 'What it printed:' "$work/said" ' ' 0 0
            else
                printf 'What it printed:\n\n'
                printed | tidy 0 '  '
                echo
            fi
        fi
    fi
    if [ "$digest" = yes ]; then section "$title:" "$work/told" ' ' 0 0; else section 'New:' "$work/told" '+' 0 0; fi
    section 'New:' "$work/new" '+' "$max" 4500
    section 'Known until now, and still wrong:' "$work/ended" '+' "$max" 4500
    if [ $event = first ]; then
        section 'What is there now; from now on only what changes is mailed:' "$work/came" ' ' 0 0
    else
        section 'New:' "$work/came" '+' 0 0
    fi
    section 'Gone, which is not mended: it can no longer be looked at.' "$work/gone" '-' "$max" 4500
    section 'No longer said, but the checker has another command or other settings than before:' "$work/unsaid" '-' "$max" 4500
    section 'Before, of the same:' "$work/instead" '-' "$max" 4500
    section 'Settled:' "$work/settled" '-' "$max" 4500
    section 'No longer there:' "$work/went" '-' 0 0
    section 'Still wrong:' "$work/still" ' ' "$max" 4500
    proof=''
    [ -n "$reason" ] || proof=', for its exit status is none of the good ones'
    section "Wrong before, and not told by this run, which proves nothing$proof:" "$work/unseen" ' ' "$max" 4500
    section 'Known:' "$work/acked" ' ' "$max" 4500
    [ $event != cleared ] || printf 'Nothing is wrong any more.\n\n'
    if [ $event = heartbeat ]; then
        runs
        printf 'This checker runs; it had nothing to say in %s. Its last mail: %s.\n\n' "$amount" "${mailed:-none}"
    fi
    [ -z "$failing" ] || [ -n "$reason" ] || printf 'The checker works again; it failed before: %s.\n\n' "$failing"
    ended=''
    [ "$status" = 0 ] || ended=" (exit status $status)"
    count "$work/run"
    {
        printf '%s\nCommand%s:\n' "$title" "$ended"
        if [ "$lines" -le 6 ]; then sed 's/^/    /' "$work/run"; else echo "    $lines lines of sh, in $0"; fi
        printf 'By hand:\n'
        sed 's/^/    /' "$work/hand"
        printf '    %s --print\n' "$0"
    } | tidy 4500
}

# One mail, or as many as it takes: $work/mail/00001 and so on. Status 1: there was no room for them.
compose() {
    what_happened
    whom=$to
    [ ! -s "$work/late" ] || [ -z "$escalate_to" ] || whom="$to, $escalate_to"
    mkdir "$work/mail" "$work/parts"
    {
        body
        echo ROTATION_END
    } >"$work/body"
    # all but the last line, which tells that it is whole
    missing=$(
        awk -v most=500000 -v folder="$work/parts" '
        NR > 1 {
            size += length(line) + 1
            if (!part || size > most) {
                if (part) close(part)
                part = sprintf("%s/%05d", folder, ++parts)
                size = length(line) + 1
            }
            print line > part
        }
        { line = $0 }
        END {
            print NR - 1
            if (line != "ROTATION_END") exit 1
        }' "$work/body"
    ) || return 1
    set -- "$work/parts"/*
    number=0
    for part in "$@"; do
        number=$((number + 1))
        of=''
        [ $# -eq 1 ] || of=" ($number of $# mails)"
        encode "$subject$of"
        {
            headers "$whom" "$encoded" $event
            cat "$part"
        } >"$work/mail/${part##*/}" || return 1
        count "$part"
        missing=$((missing - lines)) whole=$lines
        count "$work/mail/${part##*/}"
        [ "$lines" -gt "$whole" ] || return 1
    done
    [ "$missing" -eq 0 ]
}

send() {
    if ! find_sendmail; then
        refusal='there is no sendmail'
        return 1
    fi
    set -- "$1" "$program" -oi -t
    if can_stop; then set -- "$1" timeout 300 "$program" -oi -t; fi
    letter=$1
    shift
    "$@" <"$letter" >"$work/answer" 2>&1 && return 0
    refusal="$program ended with status $?: $(tail -n 1 "$work/answer" | tr -cd ' -~' | cut -c 1-200)"
    return 1
}

# The mail for which there is no room: sendmail gets it as it is made.
pour() {
    rm -rf "$work/mail" "$work/parts" "$work/body"
    refusal='there is no sendmail'
    find_sendmail || return 1
    encode "$subject"
    {
        headers "$whom" "$encoded" $event
        printf 'There was no room in %s for this mail (is the disk full?).\n\n' "$work"
        body
    } | "$program" -oi -t >/dev/null 2>&1 && return 0
    refusal="$program ended with status $?"
    return 1
}

send_all() { # folder; what is sent is taken away
    for mail in "$1"/*; do
        send "$mail" || return 1
        rm -f "$mail"
    done
}

# --- what is remembered

prepare() { # the state as it will be: $work/known, $work/facts and so on
    if [ $hard = no ]; then
        # without its end, for want of room, a line would be another one
        if [ ! -s "$work/next" ]; then
            printf '' >"$work/known"
        elif ! cp "$work/next" "$work/known" || [ -n "$(tail -c 1 "$work/known")" ]; then
            rm -f "$work/known"
        fi
        [ ! -s "$work/lines" ] || found=$now
        made=$sum
        if [ -s "$work/slight" ] && [ "$weighed" = no ]; then waiting=$((waiting + 1)); else waiting=0; fi
        if [ $trusted = no ]; then cat "$before" >>"$work/seen"; fi
        [ ! -s "$work/seen" ] || { sort -u "$work/seen" >"$work/all" && mv "$work/all" "$work/seen"; }
    else
        rm -f "$work/seen" "$work/history"
    fi
    silent=$((silent + 1))
    if [ $event != none ]; then
        silent=0
        mailed=$now
    fi
    printf '%s %s\n' mailed "$mailed" found "$found" silent "$silent" failing "${reason_shown-$reason}" \
        failures "$failures" waiting "$waiting" made "$made" excused "$excused_now" >"$work/facts"
}

parts='known facts seen history'

# Whole files take the place of the old ones; after a failure what is known stays.
commit() { # what the names of the files begin with
    begin=$1
    set -- mv -f
    for part in $parts; do
        case $part in seen | history) [ -s "$begin$part" ] || [ -e "$dir/$part" ] || continue ;; esac
        [ -e "$begin$part" ] || continue
        if [ "$begin" = "$work/" ] && [ "${work%/*}" = "$dir" ]; then
            set -- "$@" "$begin$part"
        else # from elsewhere, perhaps
            mv -f "$begin$part" "$dir/$part.new" && mv -f "$dir/$part.new" "$dir/$part"
        fi
    done
    [ $# -eq 2 ] || "$@" "$dir/"
} 2>/dev/null

is_empty() { # folder
    for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        if [ -e "$entry" ] || [ -h "$entry" ]; then return 1; fi
    done
}

# What the command wants to find again, once what it told is mailed, or kept to be mailed.
commit_kept() {
    if [ $hard = yes ] || { [ -n "$reason" ] && [ $event = none ]; }; then return 0; fi
    [ -d "$dir/kept" ] || ! is_empty "$work/kept" || return 0
    rm -rf "$dir/kept.new" "$dir/kept.old"
    cp -R "$work/kept" "$dir/kept.new" || return 0
    [ ! -d "$dir/kept" ] || mv "$dir/kept" "$dir/kept.old"
    mv "$dir/kept.new" "$dir/kept" && rm -rf "$dir/kept.old"
} 2>/dev/null

drop_unsent() { # the mails, and what was to be remembered with them
    set -- "$dir"/unsent*
    [ ! -e "$1" ] || rm -rf "$@"
}

# A dead-man's switch is told of each run that worked and whose mail was taken. Whoever waits there
# says when nothing comes: that it cannot be told now is no fault of this checker.
tell_switch() {
    told=''
    [ -n "$heartbeat_to" ] && [ "$1" = 0 ] && [ -z "$reason" ] || return 0
    told=no
    case $heartbeat_to in
    http://* | https://*)
        for program in curl wget; do
            for path in /usr/bin /bin /usr/local/bin; do
                [ -x "$path/$program" ] || continue
                if [ $program = curl ]; then
                    set -- "$path/curl" -q -s -f -m 30 -o /dev/null "$heartbeat_to"
                else
                    set -- "$path/wget" -q -T 30 -O /dev/null "$heartbeat_to"
                fi
                if can_stop; then set -- timeout 60 "$@"; fi
                if "$@" </dev/null >/dev/null 2>&1; then told=yes; fi
                return
            done
        done
        ;;
    *)
        find_sendmail || return 0
        {
            headers "$heartbeat_to" alive alive
            printf 'This checker has run and worked. Where such a mail is missing, it has not.\n\n%s\n    %s\n' "$title" "$0"
        } >"$work/alive" && send "$work/alive" && told=yes
        ;;
    esac
}

leave() { # exit status
    tell_switch "$1"
    kept=no
    [ ! -e "$dir/unsent" ] || kept=yes
    printf '%s %s\n' ran "$now" took "$took" status "$status" event "$event" signal "$signal" unsent $kept script "$0" \
        preset "$preset" often "$often" chosen "$chosen" switch "$told" >"$work/last"
    mv -f "$work/last" "$dir/last" 2>/dev/null
    exit "$1"
}

keep_and_leave() {
    if [ -e "$dir/unsent" ] && [ -z "$memory" ]; then
        complain "the mail could not be sent ($refusal); it is kept in $dir and goes out with the next run"
    else
        complain "the mail could not be sent ($refusal) or kept in $dir; the next run tells what is wrong then"
    fi
    leave 75
}

if [ -d "$dir/unsent" ] && is_empty "$dir/unsent"; then # killed after the last mail was taken
    commit "$dir/unsent."
    drop_unsent
fi
load
if [ -e "$dir/unsent" ] && [ ! -d "$dir/unsent" ]; then # a script older than this one kept one mail
    mkdir "$work/unsent" && mv "$dir/unsent" "$work/unsent/00001" && mv "$work/unsent" "$dir/unsent"
fi
decide
case $event in
none | heartbeat | unchanged | escalated)
    # nothing newer to say: what could not be sent last time goes out now, and is what people know
    if [ -e "$dir/unsent" ]; then
        send_all "$dir/unsent" || keep_and_leave
        commit "$dir/unsent."
        drop_unsent
        load
        decide
    fi
    ;;
esac
if [ -n "$memory" ] && [ $event = none ]; then
    reason=$memory
    event=failed
fi
if [ $event = none ]; then
    prepare
    commit "$work/"
    commit_kept
    [ $hard = no ] || keep_missed
    leave 0
fi
taken=no
if ! compose 2>/dev/null; then
    ! pour || taken=yes
elif send_all "$work/mail"; then
    taken=yes
fi
prepare
if [ $taken = yes ]; then
    commit "$work/"
    drop_unsent
    [ ! -e "$dir/missed" ] || rm -f "$dir/missed"
    commit_kept
    leave 0
fi
drop_unsent
for part in $parts; do
    [ ! -e "$work/$part" ] || mv "$work/$part" "$dir/unsent.$part"
done
if [ -d "$work/mail" ]; then mv "$work/mail" "$dir/unsent.new" && mv "$dir/unsent.new" "$dir/unsent"; fi 2>/dev/null # whole, or not there
# what the mail would have said of things that are not told once, the next run has to find again
if keep_missed && [ -s "$work/told" ]; then commit_kept; fi
keep_and_leave
