package dev.jrunc.image.layer;

import dev.jrunc.image.tree.TreeRecord;
import java.util.function.Consumer;

/**
 * How layers are unpacked.
 *
 * @param budget what the layers may use up together
 * @param record writes down what is made; not closed here
 * @param withoutDevices whether an empty file stands for a device that the user may not make
 * @param notices hears, in sentences, what could not be kept
 */
public record UnpackOptions(
    TreeForm form,
    UnpackBudget budget,
    TreeRecord record,
    boolean withoutDevices,
    Consumer<String> notices) {}
