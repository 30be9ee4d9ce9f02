"""Presets for databases and backups: real servers, dumps and repositories, whole and damaged."""

from __future__ import annotations

from tests.checkers.presets.scratch import script
from tests.checkers.presets.told import GOOD, MARIADB, POSTGRESQL, bad, failed, told


def test_postgresql(suite: str) -> None:
    found = told(
        f"""
        check down none
        {POSTGRESQL}
        check good none
        mkdir /srv/pg
        check nothing dumps
        runuser -u postgres -- pg_dumpall >/srv/pg/all.sql
        check plain dumps
        gzip /srv/pg/all.sql
        check compressed dumps
        head -c 300 /srv/pg/all.sql.gz >/srv/pg/cut.sql.gz
        rm /srv/pg/all.sql.gz
        check cut dumps
        runuser -u postgres -- pg_dump -Fc postgres >/srv/pg/all.custom
        check custom dumps
        touch -d '3 days ago' /srv/pg/*
        check old dumps
        touch -d '2038-01-01' /srv/pg/*
        check future dumps
        sql "alter system set archive_command = 'false'"
        sql 'alter system set archive_mode = on'
        restart
        sql 'create table t (x int); select pg_switch_wal()'
        until [ "$(sql 'select failed_count > 0 from pg_stat_archiver')" = t ]; do sleep 0.2; done
        check archive none
        check full strict
        mv /run/postgresql/.s.PGSQL.5432 /run/postgresql/away
        check deaf none
        pkill -KILL -x postgres
        while pgrep -x postgres >/dev/null; do sleep 0.1; done
        check killed none
        rm -rf /etc/postgresql/*
        check absent none
        """,
        none=script("postgresql", DUMPS=""),
        dumps=script("postgresql", DUMPS="/srv/pg"),
        strict=script("postgresql", DUMPS="", CONNECTIONS="1"),
    )
    cluster = f"{15 if suite == 'bookworm' else 17}/main"
    assert found["down"] == found["killed"] == bad(f"{cluster}: down")
    for label in ("good", "plain", "compressed", "custom"):
        assert found[label] == GOOD, (label, found[label])
    assert found["nothing"] == bad("/srv/pg: no dump in 2 days")
    cut = "/srv/pg: no whole dump in 2 days (/srv/pg/cut.sql.gz does not end as one)"
    assert found["cut"] == bad(cut)
    assert found["old"] == found["future"] == bad("/srv/pg: no dump in 2 days")
    archive = f"{cluster}: its log is not archived: the last try failed"
    assert found["archive"] == bad(archive)
    assert (
        found["full"]
        .lines[1]
        .startswith(f"{cluster}: at least 1% of its connections are in use (now ")
    )
    (line,) = found["deaf"].lines
    assert line.startswith((f"{cluster}: does not answer: psql: error: ", f"{cluster}: down"))
    failed(found["absent"], "there is no cluster on this host")


def test_mariadb() -> None:
    found = told(
        f"""
        check down none
        {MARIADB}
        check good none
        mkdir /srv/my
        check nothing dumps
        mariadb-dump --all-databases >/srv/my/all.sql 2>/dev/null
        check plain dumps
        gzip /srv/my/all.sql
        check compressed dumps
        head -c 9000 /srv/my/all.sql.gz >/srv/my/cut.sql.gz
        rm /srv/my/all.sql.gz
        check cut dumps
        mariadb -e 'set global max_connections = 10'
        check full strict
        mariadb -e "create user x@localhost identified by 'y'"
        printf '[client]\\nuser=x\\npassword=z\\n' >/tmp/login
        check refused login
        """,
        none=script("mariadb", DUMPS=""),
        dumps=script("mariadb", DUMPS="/srv/my"),
        strict=script("mariadb", DUMPS="", CONNECTIONS="5"),
        login=script("mariadb", DUMPS="", LOGIN="/tmp/login"),
    )
    (line,) = found["down"].lines
    assert line.startswith("server: does not answer: ERROR 2002 (HY000): Can't connect to local")
    for label in ("good", "plain", "compressed"):
        assert found[label] == GOOD, (label, found[label])
    assert found["nothing"] == bad("/srv/my: no dump in 2 days")
    cut = "/srv/my: no whole dump in 2 days (/srv/my/cut.sql.gz does not end as one)"
    assert found["cut"] == bad(cut)
    assert found["full"] == bad("server: at least 5% of its connections are in use (now 1 of 10)")
    failed(found["refused"], "Access denied for user 'x'@'localhost'")


def test_restic() -> None:
    found = told(
        """
        echo secret >/tmp/password
        export RESTIC_PASSWORD_FILE=/tmp/password
        check absent restic
        restic -q -r /srv/restic init
        check empty restic
        restic -q -r /srv/restic backup --time '2026-11-01 03:12:00' /etc/passwd
        check old restic
        restic -q -r /srv/restic backup /usr/bin/dpkg
        check good restic
        check read read
        pack=$(find /srv/restic/data -type f -size +50k | head -n 1)
        cp "$pack" /tmp/pack
        printf XXXX | dd of="$pack" bs=1 seek=1000 conv=notrunc 2>/dev/null
        check changed restic
        check changed-read read
        rm "$pack"
        check missing restic
        cp /tmp/pack "$pack"
        echo other >/tmp/password
        check password restic
        """,
        restic=script("restic", REPOSITORY="/srv/restic", PASSWORD="/tmp/password"),
        read=script("restic", REPOSITORY="/srv/restic", PASSWORD="/tmp/password", READ="100%"),
    )
    failed(found["absent"], "restic snapshots ended with status", "/srv/restic/config")
    assert found["empty"] == bad("/srv/restic: no snapshot at all")
    assert found["old"] == bad("/srv/restic: no new snapshot since 2026-11-01 03:12")
    assert found["good"] == found["read"] == GOOD
    # the structure is right: only who reads the data sees it
    assert found["changed"] == GOOD
    for label in ("changed-read", "missing"):
        lines = found[label].lines
        assert "/srv/restic: Fatal: repository contains errors" in lines
        assert any(line.lower().startswith("/srv/restic: pack ") for line in lines), lines
    failed(found["password"], "wrong password or no key found")


def test_borg() -> None:
    found = told(
        """
        check absent plain
        borg init -e none /srv/borg
        check empty plain
        borg create --timestamp 2026-11-01T03:12:00 /srv/borg::one /etc/passwd
        check old plain
        borg create /srv/borg::two /usr/bin/dpkg
        check good plain
        wait='while [ -e /tmp/locked ]; do sleep 0.1; done'
        borg with-lock /srv/borg sh -c "touch /tmp/locked; $wait" &
        while [ ! -e /tmp/locked ]; do sleep 0.1; done
        check locked plain
        rm /tmp/locked
        wait
        segment=$(find /srv/borg/data -type f -size +50k | head -n 1)
        printf XXXXXXX | dd of="$segment" bs=1 seek=20000 conv=notrunc 2>/dev/null
        check changed plain
        echo secret >/tmp/password
        BORG_PASSPHRASE=secret borg init -e repokey /srv/sealed 2>/dev/null
        BORG_PASSPHRASE=secret borg create /srv/sealed::one /usr/bin/dpkg
        check sealed sealed
        echo other >/tmp/password
        check password sealed
        """,
        plain=script("borg", REPOSITORY="/srv/borg"),
        sealed=script("borg", REPOSITORY="/srv/sealed", PASSWORD="/tmp/password"),
    )
    failed(found["absent"], "Repository /srv/borg does not exist")
    assert found["empty"] == bad("/srv/borg: no archive at all")
    (line,) = found["old"].lines
    assert line.startswith("/srv/borg: no new archive since 2026-11-01 0")
    assert found["good"] == found["sealed"] == GOOD
    failed(found["locked"], "borg check ended with status 2", "lock")
    lines = found["changed"].lines
    assert any("integrity error" in line for line in lines), lines
    assert not found["changed"].failed
    failed(found["password"], "passphrase supplied in")
