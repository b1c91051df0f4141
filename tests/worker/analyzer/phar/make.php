<?php
/*
 * Makes the samples by PHP's own Phar class: php -d phar.readonly=0 make.php DIR,
 * where DIR is a project that Composer installed (see ORIGIN).
 */
$dir = $argv[1];
$stub = "#!/usr/bin/env php\n<?php\nPhar::mapPhar('tool.phar');\n" .
    "require 'phar://tool.phar/bin/tool';\n__HALT_COMPILER();";
$installed = "$dir/vendor/composer/installed";

function make($name, $stub, $files, $compress = false)
{
	@unlink("$name.phar");
	$p = new Phar("$name.phar", 0, 'tool.phar');
	$p->startBuffering();
	$p->addFromString('bin/tool', "<?php echo 1;\n");
	foreach ($files as $at => $from)
		$p->addFile($from, $at);
	$p->addFromString('src/last.php', "<?php\n");
	$p->setStub($stub);
	if ($compress)
		$p->compressFiles(Phar::GZ);
	$p->stopBuffering();
	unset($p);
	rename("$name.phar", "$name.in");
}

$php = ['vendor/composer/installed.php' => "$installed.php"];
$json = ['vendor/composer/installed.json' => "$installed.json"];
make('composer', $stub, $json + $php);
make('deflated', $stub, $php, true);
make('json', $stub . " ?>\r\n", $json, true);
make('two', "<?php\n__HALT_COMPILER(); ?>", [
    'a/vendor/composer/installed.json' => "$installed.json",
    'b/vendor/composer/installed.php' => "$installed.php"]);
make('none', $stub, []);
