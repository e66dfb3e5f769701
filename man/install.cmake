# Man pages and the example configuration of the installed tree.
file(GLOB man1 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.1)
file(GLOB man5 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.5)
file(GLOB man7 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.7)
install(FILES ${man1} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${man5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${man7} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES ${PROJECT_SOURCE_DIR}/config/rz.yaml ${PROJECT_SOURCE_DIR}/config/rz.schema.json
  ${PROJECT_SOURCE_DIR}/config/rz-health.service ${PROJECT_SOURCE_DIR}/config/rz-health.socket
  ${PROJECT_SOURCE_DIR}/config/rz-audit.cron ${PROJECT_SOURCE_DIR}/config/rz-audit.service
  ${PROJECT_SOURCE_DIR}/config/rz-audit.timer ${PROJECT_SOURCE_DIR}/config/rz-audit.rules.yml
  ${PROJECT_SOURCE_DIR}/config/rz-audit.rules.test.yml
  ${PROJECT_SOURCE_DIR}/config/rz-cascade.cron ${PROJECT_SOURCE_DIR}/config/rz-cascade.service
  ${PROJECT_SOURCE_DIR}/config/rz-cascade.timer ${PROJECT_SOURCE_DIR}/config/rz-gate.sh
  ${PROJECT_SOURCE_DIR}/config/rz-probe.yaml
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
