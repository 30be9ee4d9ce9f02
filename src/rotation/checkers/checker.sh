#!/bin/sh
# @{HEAD}
#
# Runs a tool and mails only what is wrong: what is new, what changed, what is settled; again what
# stays wrong; and when the tool itself fails. Silent when all is well. Nothing but sh and the
# usual tools is needed, so the file can be copied to any host (keep a name without a dot).
#
#     @{FILE}             run and mail, as cron does
#     @{FILE} --print     run now, to the terminal: mails nothing, remembers nothing

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

if [ $mode = print ]; then
    work=$(mktemp -d) || exit 3
else
    for folder in "${state%/*}" "$state" "$dir"; do
        if ! own_folder "$folder"; then
            complain "cannot use $folder: it must be a folder that only the user who runs this can write"
            exit 1
        fi
    done
    take_lock
    case $? in
    0)
        locked=yes
        rm -rf "$dir/work" "$dir"/lock.* # of runs that were killed
        ;;
    1)
        rm -f "$me"
        exit 0
        ;;
    esac
    # a full disk must not make an empty report of a full one
    work=$dir/work
    if [ $locked = no ] || ! mkdir "$work" 2>/dev/null || ! printf '%99999s' '' 2>/dev/null >"$work/room"; then
        [ $locked = no ] || rm -rf "$work"
        work=''
        if ! work=$(mktemp -d "/run/rotation-$name.XXXXXX" 2>/dev/null); then
            complain "cannot write in $dir or /run: is the disk full?"
            exit 1
        fi
    fi
fi
mkdir "$work/tmp" || exit 1
: >"$work/filter"
: >"$work/ignore"
: >"$work/normalise"
write_texts
cat >"$work/start" <<'ROTATION_END'
umask 022
tmp=$1/tmp
rotation_must=$1/must
must() {
    "$@" || {
        set -- "$?" "$1"
        [ "$1" = 141 ] || echo "$2 ended with status $1" >>"$rotation_must"
        return "$1"
    }
}
ROTATION_END

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
    # shellcheck disable=SC2016 # $1 is that shell's
    LC_ALL=$language "$@" /bin/sh -c '. "$1/start"; . "$1/run"' "rotation-$name" "$work" \
        >"$work/raw" 2>&1 </dev/null
}

now=$(date '+%Y-%m-%dT%H:%M:%S%z')
started=$(date +%s)
status=0
reason=''
: >"$work/raw"
for need in awk sed grep tr wc paste $needs; do
    if ! command -v "$need" >/dev/null 2>&1; then reason="$need not found"; fi
done
[ -n "$reason" ] || run_tool || status=$?
took=$(($(date +%s) - started))
# killed by signal N is 128+N in most shells, 256+N in ksh93 and 384+N in yash
[ "$status" -lt 256 ] || status=$((status % 128 + 128))

# Why the run says nothing about the host; empty when it does.
if [ -z "$reason" ]; then
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
fi
if [ -z "$reason" ] && [ -s "$work/must" ]; then
    reason=$(sed 1q "$work/must" | tr -cd 'A-Za-z0-9 ._/+-' | cut -c 1-80)
fi

# --- from its output to the lines that count

esc=$(printf '\033')
bel=$(printf '\007')
{
    cat "$work/raw"
    printf '\n%s\n' ROTATION_END # has all of it come through?
} | tr -d '\000' | tr '\r\t\f\v' '\n   ' |
    sed "s/$esc\\[[0-9;:?<=>]*[ -\\/]*[@-~]//g; s/$esc][^$bel$esc]*$bel//g; s/$esc][^$bel$esc]*$esc\\\\//g" |
    tr -d '\001-\010\013-\037\177' | sed 's/ *$//' | grep -v '^$' >"$work/all"
if [ -z "$reason" ] && [ "$(tail -n 1 "$work/all")" != ROTATION_END ]; then reason='its output could not be read'; fi
sed '$d' "$work/all" >"$work/said"

choose() {
    cp "$work/said" "$work/lines"
    if [ -s "$work/filter" ]; then
        grep -E -f "$work/filter" "$work/said" >"$work/lines" 2>/dev/null
        [ $? -lt 2 ] || return 1
    fi
    if [ -s "$work/ignore" ]; then
        mv "$work/lines" "$work/all"
        grep -v -E -f "$work/ignore" "$work/all" >"$work/lines" 2>/dev/null
        [ $? -lt 2 ] || return 1
    fi
    if [ "$signal" != output ]; then
        if ! has "$status" "$good"; then
            echo "exit status $status" >>"$work/lines"
        elif [ "$signal" = exit ]; then
            : >"$work/lines"
        fi
    fi
}

# What is compared: the lines without what changes from run to run.
make_keys() {
    cp "$work/lines" "$work/keys"
    [ -s "$work/normalise" ] || return 0
    sed -E -f "$work/normalise" "$work/lines" >"$work/keys" 2>/dev/null || return 1
    # a script that deletes or adds lines: compare and show its result
    [ "$(count "$work/keys")" = "$(count "$work/lines")" ] || cp "$work/keys" "$work/lines"
}

if [ -z "$reason" ]; then choose || reason='the filter is not a regular expression'; fi
if [ -z "$reason" ] && [ $mode = mail ] && [ -s "$dir/missed" ]; then
    # told once by the tool, and the mail about it could not be sent
    cat "$dir/missed" "$work/lines" >"$work/all"
    mv "$work/all" "$work/lines"
fi
if [ -z "$reason" ]; then make_keys || reason='the normalising script is wrong'; fi
[ -z "$reason" ] || : >"$work/lines"

# Broken UTF-8, control characters of two bytes and marks that turn the writing round are taken
# out; long lines are cut in pieces between characters, endless ones at 4,500 bytes.
tidy() {
    awk '
    function put(s, cut) {
        while (length(s) > 900) {
            cut = 900
            while (cut > 890 && substr(s, cut + 1, 1) ~ /[\200-\277]/) cut--
            print substr(s, 1, cut)
            s = substr(s, cut + 1)
        }
        print s
    }
    {
        more = length($0) - 4500
        s = more > 0 ? substr($0, 1, 4500) : $0
        if (s ~ /[\200-\377]/) {
            rest = s
            s = ""
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
        }
        put(s)
        if (more > 0) print "[" more " more bytes]"
    }'
}

if [ $mode = print ]; then
    if [ -n "$reason" ]; then
        tidy <"$work/said"
        complain "the checker failed: $reason"
        exit 3
    fi
    tidy <"$work/lines"
    if [ "$digest" = yes ] || [ "$signal" = change ]; then exit 0; fi
    if [ -s "$work/lines" ]; then exit 1; fi
    exit 0
fi

# --- what has happened since last time

# known: since <tab> key <tab> line, of what the last mail left wrong; facts: a word and its value.
load() {
    mailed='' found='' silent=0 failing=''
    known=$dir/known
    [ -e "$known" ] || known=/dev/null
    [ ! -e "$dir/facts" ] || while read -r word value; do
        case $word in
        mailed) mailed=$value ;;
        found) found=$value ;;
        silent) silent=$value ;;
        failing) failing=$value ;;
        esac
    done <"$dir/facts"
    case $silent in '' | *[!0-9]*) silent=0 ;; esac
}

compare() {
    for part in new gone still next; do : >"$work/$part"; done
    paste "$work/keys" "$work/lines" >"$work/pairs"
    awk -F '\t' -v now="$now" -v out="$work" '
    FILENAME != ARGV[2] {
        since[$2] = $1
        old[++n] = $2
        was[n] = $3
        next
    }
    {
        seen[$1] = 1
        if ($1 in since) {
            print $2 "  (since " substr(since[$1], 1, 10) " " substr(since[$1], 12, 5) ")" > (out "/still")
            print since[$1] "\t" $1 "\t" $2 > (out "/next")
        } else {
            print $2 > (out "/new")
            print now "\t" $1 "\t" $2 > (out "/next")
        }
    }
    END { for (i = 1; i <= n; i++) if (!(old[i] in seen)) print was[i] > (out "/gone") }
    ' "$known" "$work/pairs" || return 1
    news=$(tally "$work/new")
    gone=$(tally "$work/gone")
    still=$(tally "$work/still")
}

# How many findings; the line with the exit status counts only where it is alone.
tally() {
    lines=$(count "$1")
    [ "$lines" -lt 2 ] || lines=$(($(grep -c -v '^exit status [0-9]*\( *(since .*)\)\{0,1\}$' "$1")))
    echo "$lines"
}

decide() {
    event=none
    if [ -z "$reason" ] && ! compare; then reason='its lines could not be compared'; fi
    if [ -n "$reason" ]; then
        if [ "$reason" != "$failing" ]; then
            event=failed
        elif [ "$every" -gt 0 ] && [ $((silent + 1)) -ge "$every" ]; then
            event=failing
        fi
        return
    fi
    if [ "$digest" = yes ]; then
        event=digest
    elif [ "$signal" = change ] && [ "$known" = /dev/null ]; then
        [ "$news" -eq 0 ] || event=first
    elif [ "$news" -gt 0 ]; then
        event=new
        if [ "$signal" = change ] || [ -s "$known" ]; then event=changed; fi
    elif [ "$gone" -gt 0 ]; then
        event=changed
        if [ "$signal" != change ] && [ "$still" -eq 0 ]; then event=cleared; fi
    elif [ "$signal" != change ] && [ "$still" -gt 0 ] && [ "$every" -gt 0 ] && [ $((silent + 1)) -ge "$every" ]; then
        event=unchanged
    fi
    if [ $event = none ] && [ -n "$failing" ]; then event=recovered; fi
    if [ $event = none ] && [ "$heartbeat" -gt 0 ] && [ $((silent + 1)) -ge "$heartbeat" ]; then event=heartbeat; fi
}

# --- the mail

many() { if [ "$1" -eq 1 ]; then echo "$1 $2$noun"; else echo "$1 $2$nouns"; fi; }

subject() {
    also=''
    # of a checker of changes, what stays is not wrong
    [ "$still" -eq 0 ] || [ "$signal" = change ] || also=", $still still wrong"
    case $event in
    new) many "$news" 'new ' ;;
    first) echo "first look, $(many "$news" '')" ;;
    changed)
        if [ "$news" -eq 0 ]; then
            echo "$(many "$gone" '') gone$also"
        elif [ "$gone" -eq 0 ]; then
            echo "$(many "$news" 'new ')$also"
        else
            echo "$(many "$news" 'new '), $gone gone$also"
        fi
        ;;
    unchanged) echo "still $(many "$still" '')" ;;
    cleared) echo "cleared, $(many "$gone" '') gone" ;;
    failed) echo "checker failed: $reason" ;;
    failing) echo "checker still fails: $reason" ;;
    recovered) echo "checker works again$also" ;;
    heartbeat) echo "heartbeat, $((silent + 1)) runs without news$also" ;;
    digest) echo 'digest' ;;
    esac
}

section() { # title, file, mark before each line
    lines=$(count "$2")
    [ "$lines" -gt 0 ] || return 0
    printf '%s\n\n' "$1"
    sed "${max}q" "$2" | sed "s/^/$3 /"
    [ "$lines" -le "$max" ] || printf '  ... %s more lines\n' $((lines - max))
    echo
}

body() {
    case $event in
    failed | failing)
        printf 'The checker itself failed: %s. This says nothing about the host.\n\n' "$reason"
        tail -n 40 "$work/said" >"$work/end"
        section 'The end of what it printed:' "$work/end" ' '
        ;;
    digest) section "$title:" "$work/lines" ' ' ;;
    first) section 'What is there now; from now on only what changes is mailed:' "$work/new" ' ' ;;
    *)
        section 'New:' "$work/new" '+'
        section 'No longer there:' "$work/gone" '-'
        [ "$signal" = change ] || section 'Still wrong:' "$work/still" ' '
        ;;
    esac
    [ $event != cleared ] || printf 'Nothing is wrong any more.\n\n'
    if [ $event = heartbeat ]; then
        printf 'This checker runs; it had nothing to say in %s runs. Its last mail: %s.\n\n' $((silent + 1)) "${mailed:-none}"
    fi
    [ -z "$failing" ] || [ -n "$reason" ] || printf 'The checker works again; it failed before: %s.\n\n' "$failing"
    printf '%s\nCommand%s:\n' "$title" "$([ "$status" = 0 ] || [ -n "$reason" ] || echo " (exit status $status)")"
    lines=$(count "$work/run")
    if [ "$lines" -le 6 ]; then sed 's/^/    /' "$work/run"; else echo "    $lines lines of sh, in $0"; fi
    printf 'By hand:\n'
    sed 's/^/    /' "$work/hand"
    printf '    %s --print\n' "$0"
}

compose() {
    host=$(uname -n | tr -cd 'A-Za-z0-9.-' | cut -c 1-64)
    {
        printf 'To: %s\n' "$to"
        printf 'Subject: [%s] %s: %s\n' "${host:-unknown}" "$name" "$(subject)"
        date '+Date: %a, %d %b %Y %H:%M:%S %z'
        printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n'
        printf 'Auto-Submitted: auto-generated\nPrecedence: bulk\nX-Rotation-Checker: %s; %s\n\n' "$name" "$event"
        body | tidy
    } >"$work/mail"
}

send() {
    program=$sendmail
    for path in /usr/sbin /usr/lib /usr/bin /usr/local/sbin /usr/local/bin; do
        [ -n "$program" ] || [ ! -x "$path/sendmail" ] || program=$path/sendmail
    done
    if [ ! -x "$program" ]; then
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

# --- what is remembered

prepare() { # the state as it will be: $work/known, $work/facts
    if [ -z "$reason" ]; then
        # what is told once, or always, is not wrong until it is settled
        if [ "$once" = yes ] || [ "$digest" = yes ]; then : >"$work/next"; fi
        cp "$work/next" "$work/known"
        [ ! -s "$work/lines" ] || found=$now
    fi
    silent=$((silent + 1))
    if [ $event != none ]; then
        silent=0
        mailed=$now
    fi
    printf '%s %s\n' mailed "$mailed" found "$found" silent "$silent" failing "$reason" >"$work/facts"
}

# Whole files take the place of the old ones; after a failure what is known stays.
commit() { # what the names of the files begin with
    for part in known facts; do
        if [ -e "$1$part" ]; then
            mv -f "$1$part" "$dir/$part.new" && mv -f "$dir/$part.new" "$dir/$part"
        fi
    done 2>/dev/null
}

leave() { # exit status
    kept=no
    [ ! -e "$dir/unsent" ] || kept=yes
    printf '%s %s\n' ran "$now" took "$took" status "$status" event "$event" signal "$signal" unsent $kept script "$0" >"$work/last"
    mv -f "$work/last" "$dir/last" 2>/dev/null
    exit "$1"
}

keep_and_leave() {
    complain "the mail could not be sent ($refusal); it is kept in $dir and goes out with the next run"
    leave 75
}

news=0 gone=0 still=0
load
decide
case $event in
none | heartbeat | unchanged)
    # nothing newer to say: what could not be sent last time goes out now, and is what people know
    if [ -e "$dir/unsent" ]; then
        send "$dir/unsent" || keep_and_leave
        commit "$dir/unsent."
        rm -f "$dir/unsent"
        load
        decide
    fi
    ;;
esac
if [ $event = none ]; then
    prepare
    commit "$work/"
    leave 0
fi
compose
prepare
if send "$work/mail"; then
    commit "$work/"
    rm -f "$dir/unsent" "$dir/unsent.known" "$dir/unsent.facts"
    [ -n "$reason" ] || rm -f "$dir/missed"
    leave 0
fi
rm -f "$dir/unsent.known" "$dir/unsent.facts"
for part in known facts; do
    [ ! -e "$work/$part" ] || mv "$work/$part" "$dir/unsent.$part"
done
mv "$work/mail" "$dir/unsent"
if [ "$once" = yes ] && [ -z "$reason" ]; then cp "$work/lines" "$dir/missed"; fi
keep_and_leave
