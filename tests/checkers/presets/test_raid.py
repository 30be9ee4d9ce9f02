"""Presets for RAID controllers and sensors.

sensors is real, its chip a tree of files. There is no RAID controller: what storcli and ssacli say
of good and bad states is copied in shape from their documentation.
"""

from __future__ import annotations

from tests.checkers.presets.scratch import script
from tests.checkers.presets.told import CHIP, GOOD, bad, failed, subject, told

MEGARAID = """
mkdir -p /opt/MegaRAID/storcli
cat >/opt/MegaRAID/storcli/storcli64 <<'END'
#!/bin/sh
[ "$*" = '/call show' ] || exit 64
cat /tmp/storcli
END
chmod 755 /opt/MegaRAID/storcli/storcli64
cat >/tmp/good <<'END'
Generating detailed summary of the adapter, it may take a while to complete.

CLI Version = 007.1623.0000.0000 May 17, 2021
Operating system = Linux 5.10.0
Controller = 0
Status = Success
Description = None

Product Name = PERC H730P Mini
Serial Number = 6A30001
System Time = 11/26/2026, 00:30:00
FW Package Build = 25.5.9.0001
Drive Groups = 1

TOPOLOGY :
========

-----------------------------------------------------------------------------
DG Arr Row EID:Slot DID Type  State BT       Size PDC  PI SED DS3  FSpace TR
-----------------------------------------------------------------------------
 0 -   -   -        -   RAID1 Optl  N  446.625 GB dflt N  N   none N      N
 0 0   0   32:0     0   DRIVE Onln  N  446.625 GB dflt N  N   none -      N
-----------------------------------------------------------------------------

Virtual Drives = 1

VD LIST :
=======

-------------------------------------------------------------
DG/VD TYPE  State Access Consist Cache Cac sCC       Size Name
-------------------------------------------------------------
0/0   RAID1 Optl  RW     Yes     RWBD  -   ON  446.625 GB
-------------------------------------------------------------

Cac=CacheCade|Rec=Recovery|OfLn=OffLine|Pdgd=Partially Degraded|Dgrd=Degraded
Optl=Optimal|RO=Read Only|RW=Read Write|HD=Hidden|TRANS=TransportReady|B=Blocked|

Physical Drives = 2

PD LIST :
=======

---------------------------------------------------------------------------------
EID:Slt DID State DG       Size Intf Med SED PI SeSz Model               Sp Type
---------------------------------------------------------------------------------
32:0      0 Onln   0 446.625 GB SATA SSD N   N  512B INTEL SSDSC2KB480G8R U  -
32:1      1 Onln   0 446.625 GB SATA SSD N   N  512B INTEL SSDSC2KB480G8R U  -
---------------------------------------------------------------------------------

EID=Enclosure Device ID|Slt=Slot No.|DID=Device ID|DG=DriveGroup
DHS=Dedicated Hot Spare|UGood=Unconfigured Good|GHS=Global Hotspare
UBad=Unconfigured Bad|Onln=Online|Offln=Offline|Intf=Interface

Cachevault_Info :
===============

------------------------------------
Model  State   Temp Mode MfgDate
------------------------------------
CVPM02 Optimal 28C  -    2018/07/05
------------------------------------

END
"""


def test_megaraid() -> None:
    found = told(
        f"""
        check absent megaraid
        {MEGARAID}
        cp /tmp/good /tmp/storcli
        check good megaraid
        mailed first megaraid
        sed -e '/^0\\/0/s/Optl/Dgrd/' -e '/^32:1/s/Onln /UBad /' -e 's/Optimal 28C/Failed  28C/' \\
            /tmp/good >/tmp/storcli
        check bad megaraid
        sed -e '/^32:1/d' -e 's/^Physical Drives = 2/Physical Drives = 1/' /tmp/good >/tmp/storcli
        mailed gone megaraid
        sed '/^32:1/d' /tmp/good >/tmp/storcli
        check fewer megaraid
        sed 's/^Status = .*/Status = Failure/' /tmp/good >/tmp/storcli
        check refused megaraid
        printf 'Status = Failure\\nDescription = No Controller found\\n' >/tmp/storcli
        check none megaraid
        """,
        "megaraid",
    )
    failed(found["absent"], "storcli64|perccli64", "not found")
    assert found["good"] == GOOD
    assert found["bad"] == bad(
        "controller 0: volume 0/0: Dgrd",
        "controller 0: drive 32:1: UBad",
        "controller 0: battery CVPM02: Failed",
    )
    assert subject(found["first"]) is None
    assert subject(found["gone"]) == (
        "gone, not mended: controller 0: drive 32:1: was there last time"
    )
    failed(found["fewer"], "controller 0: 2 drives, and told of 1")
    failed(found["refused"], "controller 0: status Failure")
    failed(found["none"], "there is no controller")


SMART_ARRAY = """
cat >/usr/sbin/ssacli <<'END'
#!/bin/sh
cat "/tmp/ssacli.$4"
END
chmod 755 /usr/sbin/ssacli
cat >/tmp/status <<'END'

Smart Array P440ar in Slot 0 (Embedded)
   Controller Status: OK
   Cache Status: OK
   Battery/Capacitor Status: OK

END
cat >/tmp/config <<'END'

Smart Array P440ar in Slot 0 (Embedded)   (sn: PDNLH0BRH9V5QQ)


   Port Name: 1I

   Port Name: 2I

   Internal Drive Cage at Port 1I, Box 1, OK

   Array A (SAS, Unused Space: 0  MB)

      logicaldrive 1 (279.37 GB, RAID 1, OK)

      physicaldrive 1I:1:1 (port 1I:box 1:bay 1, SAS HDD, 300 GB, OK)
      physicaldrive 1I:1:2 (port 1I:box 1:bay 2, SAS HDD, 300 GB, OK)
      physicaldrive 1I:1:3 (port 1I:box 1:bay 3, SAS HDD, 300 GB, OK, spare)

   SEP (Vendor ID PMCSIERA, Model SRCv8x6G) 380  (WWID: 5001438031E6AF3F)

END
"""


def test_ssacli() -> None:
    found = told(
        f"""
        check absent ssacli
        {SMART_ARRAY}
        cp /tmp/status /tmp/ssacli.status
        cp /tmp/config /tmp/ssacli.config
        check good ssacli
        sed 's/Capacitor Status: OK/Capacitor Status: Failed (Replace Batteries)/' /tmp/status \\
            >/tmp/ssacli.status
        sed -e 's/RAID 1, OK/RAID 1, Recovering, 12% complete/' \\
            -e '/1I:1:2/s/OK)/Predictive Failure)/' -e '/1I:1:3/s/OK, spare/Failed, spare/' \\
            /tmp/config >/tmp/ssacli.config
        check bad ssacli
        cp /tmp/status /tmp/ssacli.status
        cp /tmp/config /tmp/ssacli.config
        mailed first ssacli
        sed /1I:1:2/d /tmp/config >/tmp/ssacli.config
        mailed gone ssacli
        echo 'Error: No controllers detected.' >/tmp/ssacli.status
        check none ssacli
        """,
        "ssacli",
    )
    failed(found["absent"], "ssacli not found")
    assert found["good"] == GOOD
    assert found["bad"] == bad(
        "slot 0: Battery/Capacitor Status: Failed (Replace Batteries)",
        "slot 0: logicaldrive 1: Recovering",
        "slot 0: physicaldrive 1I:1:2: Predictive Failure",
        "slot 0: physicaldrive 1I:1:3: Failed",
    )
    assert subject(found["first"]) is None
    gone = "gone, not mended: slot 0: physicaldrive 1I:1:2: was there last time"
    assert subject(found["gone"]) == gone
    failed(found["none"], "there is no controller")


def test_sensors() -> None:
    found = told(
        f"""
        check none sensors
        {CHIP}
        check good sensors LD_PRELOAD=/tmp/sysfs.so
        chip temp2_input=101000 temp2_crit_alarm=1 fan1_input=0 fan1_alarm=1 in0_alarm=1
        check bad sensors LD_PRELOAD=/tmp/sysfs.so
        check skipped skipped LD_PRELOAD=/tmp/sysfs.so
        chip temp2_input=50000 temp2_crit_alarm=0 fan1_input=900 fan1_alarm=0 in0_alarm=0
        : >/sys/class/hwmon/hwmon0/temp1_input
        check unread sensors LD_PRELOAD=/tmp/sysfs.so
        """,
        "sensors",
        skipped=script("sensors", SKIP="nct6775.*(in|fan)[0-9]"),
    )
    failed(found["none"], "sensors ended with status 1: ")
    assert found["good"] == GOOD
    assert found["bad"] == bad(
        "nct6775-isa-0290 Vcore: in0_alarm",
        "nct6775-isa-0290 fan1: fan1_alarm",
        "nct6775-isa-0290 temp2: temp2_crit_alarm",
        "nct6775-isa-0290 temp2: at its limit of 100 (now 101)",
    )
    assert found["skipped"].lines == found["bad"].lines[2:]
    assert len(found["unread"].lines) == 1
    assert "temp1_input" in found["unread"].lines[0]
