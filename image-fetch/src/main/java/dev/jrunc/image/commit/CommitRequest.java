package dev.jrunc.image.commit;

import java.nio.file.Path;

/**
 * A bundle to make an image of.
 *
 * @param image the full name it gets
 * @param author and {@code message} for the history, empty for none
 * @param created in ISO form
 */
public record CommitRequest(
    Path bundle, String image, Packing packing, String author, String message, String created) {}
