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

count() { echo $(($(wc -l <"$1"))); }

# A folder that is ours alone, made if need be; a link is none.
own_folder() {
    [ -d "$1" ] || mkdir -p "$1" 2>/dev/null || return 1
    # shellcheck disable=SC2012,SC2046 # mode and owner, in words
    set -- $(ls -ldn "$1")
    case $1 in
    d????-??-*) [ "$3" = "$(id -u)" ] ;;
    *) return 1 ;;
    esac
}

# Which process that is: its number alone may belong to another one by now.
identity() {
    born=''
    [ ! -r "/proc/$1/stat" ] || born=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20)
    boot=''
    [ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
    echo "$1 $born $boot"
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
    [ -z "$work" ] || rm -rf "$work"
    [ "$locked" = no ] || rm -f "$dir/lock" "$me"
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
    host=$(uname -n | tr -cd 'A-Za-z0-9.-' | cut -c 1-64)
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

usable() {
    for folder in "${state%/*}" "$state" "$dir"; do
        unusable=$folder # yash forgets the name that a loop in a function has gone through
        own_folder "$folder" || return 1
    done
}

lock_state() {
    take_lock
    case $? in
    0)
        locked=yes
        rm -rf "$dir/work" "$dir"/lock.* # of runs that were killed
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
    rm -f "$1/room"
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
    if [ -n "$memory" ] || [ $locked = no ] || ! mkdir "$work" 2>/dev/null ||
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
mkdir "$work/tmp" "$work/kept" || cry "cannot write in $work (is the disk full?)"
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

run_tool() {
    set --
    # somebody at a terminal waits, and stops it with ^C, which a time limit would keep off
    [ $mode = mail ] || [ ! -t 0 ] || limit=0
    if nice -n 10 true 2>/dev/null; then set -- nice -n 10; fi
    if ionice -c 3 true 2>/dev/null; then set -- "$@" ionice -c 3; fi
    if [ "$limit" -eq 0 ]; then
        :
    elif timeout -k 30 9 true 2>/dev/null; then
        set -- "$@" timeout -k 30 "$limit"
    elif timeout 9 true 2>/dev/null; then
        set -- "$@" timeout "$limit"
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
        [ -z "$value" ] || { printf 'x\n' | grep -E -e "$value" >/dev/null 2>&1 && tried=0 || tried=$?; }
        [ "$tried" -lt 2 ] || reason="$key must be a regular expression, as of grep -E"
        if [ "$tried" -lt 2 ] && ! printf '@{UNLIKE}' | grep -v -q -E -e "$value"; then
            reason="$key must not match every line"
        fi
    done
}

status=0
vet_values
for need in awk sed grep tr wc paste $needs; do
    here=no
    for program in $(echo "$need" | tr '|' ' '); do # one of them will do
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

esc=$(printf '\033')
bel=$(printf '\007')
cleaned() { # lines without colours and control characters
    tr -d '\000' | tr '\r\t\f\v' '\n   ' |
        sed "s/$esc\\[[0-9;:?<=>]*[ -\\/]*[@-~]//g; s/$esc][^$bel$esc]*$bel//g; s/$esc][^$bel$esc]*$esc\\\\//g" |
        tr -d '\001-\010\013-\037\177' | sed 's/ *$//' | grep -v '^$'
}
clean() {
    {
        cat "$1"
        printf '\n%s\n' ROTATION_END # has all of it come through?
    } | cleaned >"$work/all"
    [ "$(tail -n 1 "$work/all")" = ROTATION_END ] || return 1
    sed '$d' "$work/all"
}
printed() { # what the tool has said, also where there was no room to write it anew
    if [ -n "$unread" ]; then cleaned <"$work/raw"; else cat "$work/said"; fi
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
    if ! cp "$work/said" "$work/lines"; then
        reason='its output could not be read'
        return 0
    fi
    if [ -s "$work/filter" ]; then
        grep -E -f "$work/filter" "$work/said" >"$work/lines" 2>/dev/null
        [ $? -lt 2 ] || return 1
        [ "$signal" = exit ] || grep -v -E -f "$work/filter" "$work/said" | grep -i -E -e "$complaint" >"$work/doubt"
    fi
    if [ -s "$work/ignore" ]; then
        for part in lines doubt; do
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
make_keys() {
    cp "$work/lines" "$work/keys" || return 1
    [ -s "$work/normalise" ] || return 0
    sed -E -f "$work/normalise" "$work/lines" >"$work/keys" 2>/dev/null || return 1
    # a script that deletes or adds lines: compare and show its result
    [ "$(count "$work/keys")" = "$(count "$work/lines")" ] || cp "$work/keys" "$work/lines"
}

# What lines are about: where one comes as another one goes that is about the same, none is settled.
subjects() { # file of lines
    if [ -s "$work/about" ]; then sed -E -f "$work/about" "$1"; else sed 's/.*//' "$1"; fi
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

# Broken UTF-8, control characters of two bytes and marks that turn the writing round are taken
# out; long lines are cut in pieces between characters, endless ones at so many bytes (0: never).
tidy() {
    awk -v most="$1" '
    function put(s, from, cut) {
        for (from = 1; length(s) - from >= 900; from = cut) {
            cut = from + 900
            while (cut > from + 890 && substr(s, cut, 1) ~ /[\200-\277]/) cut--
            print sound(substr(s, from, cut - from))
        }
        print sound(substr(s, from))
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
    {
        more = most ? length($0) - most : 0
        put(more > 0 ? substr($0, 1, most) : $0)
        if (more > 0) print "[" more " more bytes]"
    }'
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
        line) mark ack "$shown" "$work/keys" -x -F -e "$text" ;;
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
    subjects "$work/lines" >"$work/subjects" || return 1
    paste "$work/keys" "$work/lines" "$work/subjects" >"$work/pairs" || return 1
    cut -f 3 "$known" >"$work/old"
    subjects "$work/old" >"$work/before" || return 1
    [ "$(count "$work/pairs")" = "$(count "$work/lines")" ] || return 1
    sum=$(
        {
            cat "$work/run" "$work/filter" "$work/ignore" "$work/normalise"
            echo "$signal; $good; $failed"
            for key in $variables; do eval "printf '%s\n' \"\$$key\""; done
        } | if command -v cksum >/dev/null; then cksum; else wc -c; fi
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
    ' part=subjects "$work/before" part=known "$known" part=before "$before" part=history "$history" part=seen "$work/seen" \
        part=marks "$work/marks" part=pairs "$work/pairs" || return 1
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
    lines=$(count "$work/$1")
    [ "$lines" -lt 2 ] || lines=$(($(grep -c -v '^exit status [0-9]*\( *(.*)\)\{0,1\}$' "$work/$1")))
    [ "$lines" -gt 0 ] || lines=1 # a tool may print such a line as well
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

many() { if [ "$1" -eq 1 ]; then echo "$1 $2$noun"; else echo "$1 $2$nouns"; fi; }

runs() { if [ $((silent + 1)) -eq 1 ]; then echo '1 run'; else echo "$((silent + 1)) runs"; fi; }

# The first finding of the first of these files that has one.
first_of() {
    for part in "$@"; do
        [ -s "$work/$part" ] || continue
        {
            sed -n '/^exit status [0-9]*\( *(.*)\)\{0,1\}$/!{
                p
                q
            }' "$work/$part"
            sed 1q "$work/$part"
        } | sed 's/  (since [^)]*)$//; s/  (known until [^)]*)$//; 1q'
        return
    done
}

shorten() { # to so many bytes, not within a character
    awk -v most="$1" '{
        if (length($0) <= most) { print; exit }
        cut = most - 3
        while (cut > most - 8 && substr($0, cut + 1, 1) ~ /[\200-\277]/) cut--
        print substr($0, 1, cut) "..."
        exit
    }'
}

what_happened() {
    list=''
    add() { [ -z "$2" ] || list="$list${list:+, }$1$2"; }
    some() { if [ "$1" -gt "$3" ]; then echo "$2"; fi; }
    line=$(first_of new told ended came gone unsaid settled went acked unseen still | tidy 0 | shorten 90)
    case $event in
    new) add '1 of ' "$(some "$news" "$(many "$news" 'new ')" 1)" ;;
    changed)
        if [ "$news" -gt 0 ]; then
            case $line in 'exit status '*) [ ! -s "$work/still" ] || line="$(first_of still | tidy 0 | shorten 70): $line" ;; esac
            add '1 of ' "$(some "$news" "$(many "$news" 'new ')" 1)"
            if [ -s "$work/ended" ] && [ ! -s "$work/new" ] && [ ! -s "$work/told" ]; then line="no longer excused: $line"; fi
            add '' "$(some $((gone)) "$gone gone" 0)"
        else
            if [ "$gone" -gt 0 ]; then
                if [ -s "$work/gone" ]; then line="gone, not mended: $line"; else line="no longer said: $line"; fi
                add '1 of ' "$(some "$gone" "$(many "$gone" 'gone ')" 1)"
            elif [ "$settled" -gt 0 ]; then line="settled: $line"; else line="gone: $line"; fi
        fi
        add '' "$(some "$settled" "$settled settled" $((news + gone == 0)))"
        add '' "$(some "$went" "$went gone" $((news + gone + settled == 0)))"
        ;;
    gone)
        if [ -s "$work/gone" ]; then line="gone, not mended: $line"; else line="no longer said: $line"; fi
        add '1 of ' "$(some "$gone" "$(many "$gone" 'gone ')" 1)"
        ;;
    first)
        look="first look, $(many "$(count "$work/came")" '')"
        if [ -s "$work/new" ]; then add '' "$look"; else line=$look; fi
        ;;
    unchanged)
        line="still: $line"
        add '1 of ' "$(some "$still" "$(many "$still" '')" 1)"
        ;;
    escalated) line="still after $escalate runs: $(first_of reached | tidy 0 | shorten 90)" ;;
    cleared)
        line="cleared: $line"
        add '1 of ' "$(some "$settled" "$(many "$settled" '')" 1)"
        ;;
    failed | failing)
        line='checker failed'
        [ $event = failed ] || line='checker still fails'
        line="$line: $reason$(printf '%s\n' "${detail:+: $detail}" | tidy 0 | shorten 90)"
        ;;
    recovered) line='checker works again' ;;
    heartbeat) line="heartbeat, $(runs) without news" ;;
    digest) line=digest ;;
    esac
    case $event in
    unchanged | escalated) ;;
    *) add '' "$(some "$still" "$still still wrong" 0)" ;;
    esac
    add '' "$(some "$acked" "$acked known" 0)"
    [ -z "$memory" ] || [ "$reason" = "$memory" ] || add '' 'no memory'
    case $event in failed | failing) ;; *) [ -z "$reason" ] || add '' 'checker failed' ;; esac
    printf '%s\n' "$line${list:+ ($list)}"
}

# A subject that is not ASCII, as RFC 2047 has it: words of at most 75 characters.
encode() {
    case $1 in *[!\ -~]* | *=\?*) ;; *) # which a line may hold by itself, to show another one
        printf '%s' "$1"
        return
        ;;
    esac
    printf '%s' "$1" | od -A n -v -t x1 | tr -d ' \n' | awk '{
        for (i = 1; i <= length($0); i += 2) {
            byte = substr($0, i, 2)
            if (length(word) > 50 && byte !~ /^[89ab]/) { put(); word = "" }
            word = word "=" toupper(byte)
        }
        put()
    }
    function put() { printf "%s=?UTF-8?Q?%s?=", words++ ? "\n " : "", word }'
}

section() { # title, file, mark before each line, most lines (0: all), most bytes of a line (0: all)
    [ -s "$2" ] || return 0
    lines=$(count "$2")
    printf '%s\n\n' "$1"
    if [ "$4" -eq 0 ]; then cat "$2"; else sed "${4}q" "$2"; fi | sed "s/^/$3 /" | tidy "$5"
    [ "$4" -eq 0 ] || [ "$lines" -le "$4" ] || printf '  ... %s more lines\n' $((lines - $4))
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
                printed | sed 's/^/  /' | tidy 0
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
    proof="$([ -n "$reason" ] || echo ", for its exit status is none of the good ones")"
    section "Wrong before, and not told by this run, which proves nothing$proof:" "$work/unseen" ' ' "$max" 4500
    section 'Known:' "$work/acked" ' ' "$max" 4500
    [ $event != cleared ] || printf 'Nothing is wrong any more.\n\n'
    if [ $event = heartbeat ]; then
        printf 'This checker runs; it had nothing to say in %s. Its last mail: %s.\n\n' "$(runs)" "${mailed:-none}"
    fi
    [ -z "$failing" ] || [ -n "$reason" ] || printf 'The checker works again; it failed before: %s.\n\n' "$failing"
    {
        printf '%s\nCommand%s:\n' "$title" "$([ "$status" = 0 ] || echo " (exit status $status)")"
        lines=$(count "$work/run")
        if [ "$lines" -le 6 ]; then sed 's/^/    /' "$work/run"; else echo "    $lines lines of sh, in $0"; fi
        printf 'By hand:\n'
        sed 's/^/    /' "$work/hand"
        printf '    %s --print\n' "$0"
    } | tidy 4500
}

# One mail, or as many as it takes: $work/mail/00001 and so on. Status 1: there was no room for them.
compose() {
    subject=$(what_happened)
    whom=$to
    [ ! -s "$work/late" ] || [ -z "$escalate_to" ] || whom="$to, $escalate_to"
    rm -rf "$work/mail" "$work/parts"
    mkdir "$work/mail" "$work/parts"
    {
        body
        echo ROTATION_END
    } >"$work/body"
    [ "$(tail -n 1 "$work/body")" = ROTATION_END ] || return 1
    sed '$d' "$work/body" | awk -v most=500000 -v folder="$work/parts" '
    {
        size += length($0) + 1
        if (!part || size > most) {
            if (part) close(part)
            part = sprintf("%s/%05d", folder, ++parts)
            size = length($0) + 1
        }
        print > part
    }' || return 1
    set -- "$work/parts"/*
    [ $((1 + $(cat "$@" | wc -l))) -eq "$(count "$work/body")" ] || return 1
    number=0
    for part in "$@"; do
        number=$((number + 1))
        {
            of=''
            [ $# -eq 1 ] || of=" ($number of $# mails)"
            headers "$whom" "$(encode "$subject$of")" $event
            cat "$part"
        } >"$work/mail/${part##*/}" || return 1
        [ "$(count "$work/mail/${part##*/}")" -gt "$(count "$part")" ] || return 1
    done
}

send() {
    if ! find_sendmail; then
        refusal='there is no sendmail'
        return 1
    fi
    set -- "$1" "$program" -oi -t
    if timeout 9 true 2>/dev/null; then set -- "$1" timeout 300 "$program" -oi -t; fi
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
    {
        headers "$whom" "$(encode "$subject")" $event
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
        if ! cp "$work/next" "$work/known" || [ -n "$(tail -c 1 "$work/known")" ]; then rm -f "$work/known"; fi
        [ ! -s "$work/lines" ] || found=$now
        made=$sum
        if [ -s "$work/slight" ] && [ "$weighed" = no ]; then waiting=$((waiting + 1)); else waiting=0; fi
        if [ $trusted = no ]; then cat "$before" >>"$work/seen"; fi
        sort -u "$work/seen" >"$work/all" && mv "$work/all" "$work/seen"
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
    for part in $parts; do
        case $part in seen | history) [ -s "$1$part" ] || [ -e "$dir/$part" ] || continue ;; esac
        if [ -e "$1$part" ]; then
            mv -f "$1$part" "$dir/$part.new" && mv -f "$dir/$part.new" "$dir/$part"
        fi
    done 2>/dev/null
}

# What the command wants to find again, once what it told is mailed, or kept to be mailed.
commit_kept() {
    if [ $hard = yes ] || { [ -n "$reason" ] && [ $event = none ]; }; then return 0; fi
    [ -d "$dir/kept" ] || [ -n "$(ls -A "$work/kept")" ] || return 0
    rm -rf "$dir/kept.new" "$dir/kept.old"
    cp -R "$work/kept" "$dir/kept.new" || return 0
    [ ! -d "$dir/kept" ] || mv "$dir/kept" "$dir/kept.old"
    mv "$dir/kept.new" "$dir/kept" && rm -rf "$dir/kept.old"
} 2>/dev/null

drop_unsent() { rm -rf "$dir/unsent" "$dir/unsent.new" "$dir/unsent.known" "$dir/unsent.facts" "$dir/unsent.seen" "$dir/unsent.history"; }

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
                if timeout 9 true 2>/dev/null; then set -- timeout 60 "$@"; fi
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

if [ -d "$dir/unsent" ] && [ -z "$(ls -A "$dir/unsent")" ]; then # killed after the last mail was taken
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
    rm -f "$dir/missed"
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
