# SPDX-License-Identifier: Apache-2.0
# LANEWISE_DATE, YEAR-MONTH-DAY, which pages of the manual and the package's changelog carry: that of this version in
# CHANGELOG.md, of the last commit where the version is not released, and of SOURCE_DATE_EPOCH where it is no checkout of git. The
# same sources give the same date.
file(STRINGS ${PROJECT_SOURCE_DIR}/CHANGELOG.md heading REGEX "^## ${PROJECT_VERSION} - [0-9]+-[0-9]+-[0-9]+$")
if(heading)
  string(REGEX REPLACE ".* - " "" LANEWISE_DATE "${heading}")
else()
  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} log -1 --format=%cs OUTPUT_VARIABLE LANEWISE_DATE
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT LANEWISE_DATE)
    string(TIMESTAMP LANEWISE_DATE "%Y-%m-%d" UTC)
  endif()
endif()
