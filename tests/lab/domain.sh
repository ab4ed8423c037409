#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# domain.sh: defines the guest NAME with the MAC address MAC, ADDRESS (A.B.C.D/LEN or dhcp).
# type=qemu: KVM may be there and not run our kernel; the guests are small enough without it.
set -euo pipefail
virsh -q define /dev/stdin <<END
<domain type='qemu'>
  <name>$NAME</name>
  <memory unit='MiB'>128</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>$CACHE/vmlinuz</kernel>
    <initrd>$CACHE/initramfs</initrd>
    <cmdline>console=ttyS0 quiet panic=-1 lab.name=$NAME lab.address=$ADDRESS</cmdline>
  </os>
  <features><acpi/><tcg><tb-cache unit='MiB'>64</tb-cache></tcg></features>
  <on_reboot>destroy</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-root-port'/>
    <controller type='pci' index='3' model='pcie-root-port'/>
    <controller type='pci' index='4' model='pcie-root-port'/>
    <controller type='pci' index='5' model='pcie-root-port'/>
    <memballoon model='none'/>
    <interface type='bridge'>
      <source bridge='br-hub'/>
      <mac address='$MAC'/>
      <model type='virtio'/>
      <rom enabled='no'/>
    </interface>
    <serial type='file'>
      <source path='/var/log/libvirt/console-$NAME.log' append='off'/>
    </serial>
    <console type='file'>
      <source path='/var/log/libvirt/console-$NAME.log' append='off'/>
      <target type='serial' port='0'/>
    </console>
    <console type='unix'>
      <source mode='bind' path='/run/lab/$NAME.sock'/>
      <target type='virtio' port='1'/>
    </console>
  </devices>
</domain>
END
