# CEDO_PROBE_CFLAGS(VARIABLE, FLAGS)
# Appends to VARIABLE each of FLAGS that the compiler takes without a complaint.
AC_DEFUN([CEDO_PROBE_CFLAGS], [
  for cedo_flag in $2; do
    AC_MSG_CHECKING([whether $CC takes $cedo_flag])
    cedo_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $cedo_flag"
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([int cedo_probe;])],
      [AC_MSG_RESULT([yes])
       AS_VAR_APPEND([$1], [" $cedo_flag"])],
      [AC_MSG_RESULT([no])])
    CFLAGS=$cedo_save_CFLAGS
  done
])

# CEDO_REQUIRE_CFLAGS(FLAGS)
# Compiles and links everything with FLAGS; stops if a program built so does not link.
AC_DEFUN([CEDO_REQUIRE_CFLAGS], [
  AC_MSG_CHECKING([whether $CC links with $1])
  cedo_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $1"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$CC does not support $1])])
  CFLAGS=$cedo_save_CFLAGS
  AS_VAR_APPEND([CEDO_CFLAGS], [" $1"])
  AS_VAR_APPEND([CEDO_LDFLAGS], [" $1"])
])

# CEDO_VERSION_SCRIPT
# Sets the conditional HAVE_VERSION_SCRIPT: the linker takes a GNU version script.
AC_DEFUN([CEDO_VERSION_SCRIPT], [
  AC_CACHE_CHECK([whether the linker takes a version script], [cedo_cv_version_script],
    [echo 'CEDO_0 { global: cedo_*; local: *; };' >conftest.map
     cedo_save_LDFLAGS=$LDFLAGS
     LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
     AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
       [cedo_cv_version_script=yes], [cedo_cv_version_script=no])
     LDFLAGS=$cedo_save_LDFLAGS
     rm -f conftest.map])
  AM_CONDITIONAL([HAVE_VERSION_SCRIPT], [test $cedo_cv_version_script = yes])
])
