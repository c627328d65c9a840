printf 'all: b\n\t@echo all\nb: a\n\tcp a b\na:\n\techo hi >a\n' >Makefile; make
make; touch -d '+1 day' a; make -n 2>&1 | sed 's/time .* s in/time in/'; make -q 2>/dev/null; echo $?; make nosuch; echo $?; rm a b; make -s

printf 'all: 1 2 3 4 5 6 7 8\n%%:\n\t@sleep .05; echo $@ >$@.out\n' >Makefile; make -j4
cat *.out | paste -sd' '; printf 'all: x y\nx:\n\t@exit 3\ny:\n\t@echo y\n' >Makefile
make; echo $?; make -k; echo $?; make -i; echo $?

printf 'V := $(shell seq 3)\nall:\n\t@echo $(V) $(words $(V)) $(MAKE)\n\t@+$(MAKE) -j2 sub\nsub: s1 s2\ns%%:\n\t@echo $@\n' >Makefile; make -j2 --no-print-directory -O | sort; make -C . -j3 -Otarget | grep -c s

printf 'all:\n\t@kill -9 $$$$\n' >Makefile; make; echo $?; printf 'a:\n\t@>ready; sleep 9\n' >Makefile
set -m; make a & until [ -e ready ]; do sleep .02; done; kill -TERM $!; wait $!; echo $?; set +m; printf 'x:\n\techo part >x; exit 1\n.DELETE_ON_ERROR:\n' >Makefile; make x; ls
