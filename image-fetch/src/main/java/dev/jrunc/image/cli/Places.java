package dev.jrunc.image.cli;

import dev.jrunc.image.copy.DockerArchiveSource;
import dev.jrunc.image.copy.DockerArchiveTarget;
import dev.jrunc.image.copy.ImageSource;
import dev.jrunc.image.copy.ImageTarget;
import dev.jrunc.image.copy.LayoutSource;
import dev.jrunc.image.copy.LayoutTarget;
import dev.jrunc.image.copy.OciArchiveTarget;
import dev.jrunc.image.copy.Place;
import dev.jrunc.image.copy.RegistrySource;
import dev.jrunc.image.copy.RegistryTarget;
import dev.jrunc.image.copy.StoreSource;
import dev.jrunc.image.copy.StoreTarget;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.store.ImageStore;

/** Opens the places that a person names. */
record Places(RegistryClient registry, ImageStore store, UnpackLimits limits) {
  ImageSource source(Place place) {
    return switch (place) {
      case Place.Registry each -> new RegistrySource(registry, each.image());
      case Place.Store each -> new StoreSource(store, store.find(each.image().toString()));
      case Place.Layout each -> LayoutSource.folder(each.folder(), each.name());
      case Place.OciArchive each -> LayoutSource.archive(each.file(), each.name(), limits);
      case Place.DockerArchive each -> new DockerArchiveSource(each.file(), each.name(), limits);
    };
  }

  ImageTarget target(Place place) {
    return switch (place) {
      case Place.Registry each -> new RegistryTarget(registry, each.image());
      case Place.Store each -> new StoreTarget(store, each.image());
      case Place.Layout each -> new LayoutTarget(each.folder(), each.name());
      case Place.OciArchive each -> new OciArchiveTarget(each.file(), each.name());
      case Place.DockerArchive each -> new DockerArchiveTarget(each.file(), each.name(), limits);
    };
  }
}
