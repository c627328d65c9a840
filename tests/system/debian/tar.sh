tree
tar cf a.tar t; tar tf a.tar | sort; tar tvf a.tar --full-time | sort | grep -v / -c; mkdir x; tar xpf a.tar -C x
find x/t -printf '%P %M %U %G %s %n %T@ %l\n' | sort; cmp t/s x/t/s
[ x/t/f -ef x/t/hard ]; echo $?; tar df a.tar; echo $?

tree
tar czf a.tgz t; tar cJf a.txz t; tar cjf a.tbz t; for a in a.t?z; do rm -rf x
mkdir x; tar xf $a -C x; echo $?; diff -r --no-dereference t/d x/t/d; cmp t/f x/t/f
done; file=a.tgz; gzip -t $file; xz -t a.txz; bzip2 -t a.tbz; tar tzf a.tgz | wc -l

tree
tar cSf a.tar t/s; [ $(stat -c %s a.tar) -lt 100000 ]; echo $?; mkdir x
tar xf a.tar -C x; cmp t/s x/t/s; stat -c '%s %b' x/t/s t/s; tar tvSf a.tar | awk '{print $3}'; tar cSf b.tar --hole-detection=raw t/s; cmp a.tar b.tar; echo $?

tree
tar --one-file-system -cf a.tar t /dev/null /tmp 2>&1; tar tf a.tar | wc -l
mkdir x/; mount -t tmpfs x t/empty; touch t/empty/over; tar --one-file-system -cf b.tar t
tar tf b.tar | grep -c over; umount t/empty; tar -C / -cf c.tar etc/passwd
tar xOf c.tar | cmp - /etc/passwd; tar --exclude='*/e' -cf - t | tar tf - | wc -l

tree
tar --sort=name --mtime=@0 --owner=0 --group=0 -cf a.tar t; md5sum a.tar
tar --format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=%f --sort=name -cf b.tar t; md5sum b.tar; tar --format=v7 --sort=name -cf c.tar t/f; md5sum c.tar
tar -b 1 -cf d.tar t/f; stat -c %s d.tar; tar tRf d.tar

touch a; tar cf x.tar a; touch b; tar rf x.tar b; tar tf x.tar; touch -d tomorrow b
tar uf x.tar b; tar tf x.tar | wc -l; tar --delete -f x.tar a; tar tf x.tar; tar Af x.tar x.tar; echo junk >y.tar; tar tf y.tar; echo $?; tar xf /no; echo $?; tar cf z.tar /no
echo $?; tar tf <(head -c 300 x.tar); echo $?; tar xf x.tar nosuch; echo $?; tar cf - . --transform='s,^,p/,' --sort=name| tar tf -; tar c --checkpoint=1 a 2>/dev/null | wc -c
tar cf g.tar -g snap a; tar --wildcards -tf x.tar 'b*'; tar xkf x.tar; echo $?

seq 50000 >f; gzip -k f; stat -c %s f.gz; gzip -l f.gz | tail -n 1; zcat f.gz | cmp - f
gunzip -c f.gz | md5sum; gzip -9c f | wc -c; rm f; gunzip f.gz; md5sum f; gzip f
gzip -d nosuch; echo $?; echo x >y.gz; gunzip y.gz; echo $?; zdiff f.gz f.gz
zforce f.gz; gzip -t f.gz; gzip <f.gz | gzip -dc | cmp - f.gz; touch -d @1000000000 f.gz
gzip -dN f.gz; ls

seq 50000 >f; bzip2 -k f; bunzip2 -c f.bz2 | cmp - f; stat -c %s f.bz2; xz -kT1 f
xz -dc f.xz | cmp - f; stat -c %s f.xz; xz -l f.xz | tail -n 1 | awk '{print $1,$2}'
xz -0 -c f | unxz | md5sum; bzcat f.bz2 | tail -n 1; xzcat f.xz | tail -n 1
xz --robot --info-memory | wc -l; xz --check=sha256 -c f | xz -t; lzma -c f | unlzma | md5sum; echo x | xz -d; echo $?; bzip2 -t f; echo $?; bzip2recover f.bz2 2>&1 | tail -n 1

seq 300000 | xz -T2 --block-size=200KiB >f.xz; xz -dc -T2 f.xz | md5sum
xz -l f.xz | tail -n 1 | awk '{print $1,$2}'
