"""Presets for services: a real fail2ban with its jails, a real Docker with its containers."""

from __future__ import annotations

from tests.checkers.presets.told import DOCKER, GOOD, JAILS, bad, failed, told


def test_fail2ban() -> None:
    found = told(
        f"""
        check none fail2ban
        {JAILS}
        check down fail2ban
        start_jails
        check good fail2ban
        fail2ban-client stop sshd >/dev/null
        check bad fail2ban
        fail2ban-client set recidive dellogpath /var/log/fail2ban.log >/dev/null
        check blind fail2ban
        fail2ban-client stop >/dev/null
        echo '[sshd' >/etc/fail2ban/jail.local
        check broken fail2ban
        printf '[sshd]\\nenabled = false\\n' >/etc/fail2ban/jail.local
        check disabled fail2ban
        """,
        "fail2ban",
    )
    # Debian's jail of sshd wants a log that is not there
    assert found["none"] != GOOD
    down = "does not run, for the server of fail2ban does not"
    assert found["down"] == bad(f"recidive: {down}", f"sshd: {down}")
    assert found["good"] == GOOD
    assert found["bad"] == bad("sshd: does not run")
    assert found["blind"] == bad("recidive: runs, and watches nothing", "sshd: does not run")
    failed(found["broken"], "fail2ban-client -d ended with status")
    failed(found["disabled"], "the configuration enables no jail")


def test_docker() -> None:
    found = told(
        f"""
        check down docker
        {DOCKER}
        check none docker
        run --name web --restart always box sleep 1000
        check good docker
        docker pause web >/dev/null
        check paused docker
        docker unpause web >/dev/null
        docker stop -t 0 web >/dev/null
        check stopped docker
        docker start web >/dev/null
        run --name sick --health-cmd false --health-interval 1s --health-retries 1 box sleep 1000
        until docker ps | grep -q '(unhealthy)'; do sleep 0.2; done
        check sick docker
        docker rm -f sick >/dev/null
        run --name loop --restart always box false
        check loop docker
        until [ -s /box/told/loop.out ]; do check loop docker; done
        mailed first docker
        # one that runs whenever somebody looks has been started again since
        count() {{ docker inspect -f '{{{{.RestartCount}}}}' loop; }}
        before=$(count)
        until [ "$(count)" -gt "$before" ]; do sleep 0.1; done
        docker update --restart no loop >/dev/null
        until docker ps -a | grep -q 'Exited.*loop'; do sleep 0.1; done
        mailed again docker
        docker rm loop >/dev/null
        mailed removed docker
        docker kill web >/dev/null
        """,
        "docker",
        patience=5400,
    )
    assert found["down"].failed
    failed(found["none"], "there is no container on this host")
    assert found["good"] == GOOD
    assert found["paused"] == bad("web: is paused")
    assert found["stopped"] == bad("web: stopped with status 137 (policy always)")
    assert found["sick"] == bad("sick: is unhealthy")
    assert found["loop"] == bad("loop: is being restarted, it ended with status 1")
    again = "\n".join(found["again"].lines)
    assert "+ loop: was restarted " in again
    assert "gone, not mended: loop: was restarted " in "\n".join(found["removed"].lines)
