#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A DHCP server that writes its file of leases anew all the time, as dnsmasq does, in place: who
# reads it finds it empty now and then.  No VM loses anything by that, one that appears meanwhile
# is served, and a lease that is really gone to another is believed.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11@tap-a beta 52:54:00:00:00:12@tap-b
in_lab sh -c 'mkdir -p /srv/a /srv/b /var/lib/misc
	for vm in a b; do yes "secret-of-$vm" | head -c 4096 >/srv/$vm/file; done'
ok "alpha has a share" hs -p add -g -r alpha /srv/a mine
ok "and beta" hs -p add -g -r beta /srv/b mine
service_start --verbose
client_add alpha 172.16.10.11 52:54:00:00:00:11 tap-a

# writes MAC...: their leases, of 172.16.10.11 and on, again and again.
writes() {
	in_lab sh -c '[ ! -e /run/lab/writer.pid ] || kill $(cat /run/lab/writer.pid)'
	in_lab python3 - "$@" <<-'END' >/dev/null 2>&1 &
		import os, sys, time
		open("/run/lab/writer.pid", "w").write(str(os.getpid()))
		with open("/var/lib/misc/dnsmasq.leases", "a+") as leases:
		    while True:
		        leases.truncate(0)
		        time.sleep(0.002)
		        for n, mac in enumerate(sys.argv[1:]):
		            leases.write("0 %s 172.16.10.%d * *\n" % (mac, 11 + n))
		        leases.flush()
		        time.sleep(0.01)
	END
}
in_lab mkdir -p /run/lab
writes 52:54:00:00:00:11 52:54:00:00:00:12
liar_start alpha alpha secret-of-a -c 1 mine
soon 30 "alpha reads" liar_reads alpha
client_add beta 172.16.10.12 52:54:00:00:00:12 tap-b
liar_start beta beta secret-of-b -c 2 mine
soon 30 "beta appears and reads" liar_reads beta
liar_end beta >/dev/null
client_del beta
client_add beta 172.16.10.12 52:54:00:00:00:12 tap-b
liar_start beta beta secret-of-b -c 2 mine
soon 30 "it comes back and reads" liar_reads beta
soon 30 "alpha reads on" liar_reads alpha
same "in the same session" 1 "$(liar_said alpha sessions)"

writes 52:54:00:00:00:99 52:54:00:00:00:12
soon 30 "the lease of alpha's address is another's: alpha is cut" liar_quiet alpha 1500
soon 30 "beta reads on" liar_reads beta
