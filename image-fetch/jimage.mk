# jimage: jars, launcher and AOT cache. Included by the Makefile at the top, which sets JAVA_HOME and MVN.

JIMAGE_LIB := out/lib/jimage
JIMAGE_SOURCES := $(shell find bundle-spec/src/main kernel/src/main image-fetch/src/main image-fetch/src/aot -type f) \
	pom.xml bundle-spec/pom.xml kernel/pom.xml image-fetch/pom.xml image-fetch/jimage.mk

# Out of its jar once, and not into /tmp at every start, where it may not be executed.
JFFI := jni/$(shell uname -m)-Linux

.PHONY: jimage
jimage: out/bin/jimage ## Builds out/bin/jimage alone

# The launcher comes last: when it is there, all it starts is there. The list of jars is fixed at build
# time because a cache is bound to their order, and their times are kept because it is bound to those too.
out/bin/jimage: $(JIMAGE_SOURCES)
	@mkdir -p out/bin
	@rm -rf $@ $(JIMAGE_LIB) && mkdir -p $(JIMAGE_LIB)
	@$(MVN) -pl image-fetch -am package -DskipTests -Dteavm.skip=true \
		dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/image-fetch/target/lib \
		-Dmdep.useRepositoryLayout=false -DexcludeArtifactIds=jspecify
	@install -p -m 644 image-fetch/target/image-fetch-*.jar image-fetch/target/lib/*.jar $(JIMAGE_LIB)
	@$(JAVA_HOME)/bin/java image-fetch/src/aot/CurrentClasses.java $(JIMAGE_LIB)/picocli-*.jar
	@cd $(JIMAGE_LIB) && $(JAVA_HOME)/bin/jar --extract --file "$$(echo jffi-*-native.jar)" "$(JFFI)" \
		&& install -m 644 "$(JFFI)"/*.so . && rm -r jni
	@set -e; jars=$$(cd $(JIMAGE_LIB) && echo image-fetch-*.jar $$(ls *.jar | grep -v '^image-fetch-')); \
		image-fetch/src/aot/rehearse $(CURDIR)/$(JIMAGE_LIB) $$jars; \
		stamps=$$(cd $(JIMAGE_LIB) && stat --printf '%s.%Y ' $$jars); \
		sed -e "s|@JAVA_HOME@|$(JAVA_HOME)|" -e "s|@JARS@|$$jars|" -e "s|@STAMPS@|$$stamps|" image-fetch/src/main/sh/jimage > $@.new
	@chmod 755 $@.new && mv $@.new $@

# Words that bash completes; the launcher itself says what they are.
out/share/bash-completion/completions/jimage: out/bin/jimage
	@mkdir -p $(@D)
	@out/bin/jimage completion > $@.new && mv $@.new $@

jimage: out/share/bash-completion/completions/jimage
